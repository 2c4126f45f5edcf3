-- Who decides.
create table offices (
  id text primary key,
  parent text references offices (id),
  region text not null,
  authority text not null check (authority in ('rs', 'zj')),
  name text not null
) strict;

-- Whom a record is about. Everything that names a person is sealed; only keyed indexes can be searched.
create table persons (
  id text primary key,
  document_index blob not null unique,
  name_index blob not null,
  profile blob not null,
  created_at integer not null
) strict;

create table employers (
  id text primary key,
  unit_number text not null unique,
  name text not null,
  region text not null,
  standing text not null,
  created_at integer not null
) strict;

create table accounts (
  id text primary key,
  login text not null unique,
  role text not null,
  person_id text references persons (id),
  employer_id text references employers (id),
  office_id text references offices (id),
  display blob not null,
  assurance text not null,
  password text,
  code_hash blob,
  code_until integer,
  disabled integer not null check (disabled in (0, 1)),
  created_at integer not null
) strict;

create table sessions (
  token_hash blob primary key,
  account_id text not null references accounts (id),
  created_at integer not null,
  seen_at integer not null
) strict;
create index sessions_by_account on sessions (account_id);

-- Wrong tries, counted per account, network or case number, and locked for a time.
create table attempts (
  key blob primary key,
  failures integer not null,
  since integer not null,
  locked_until integer
) strict;

-- The rules a case was filed under, as they were resolved that day.
create table policies (
  id text primary key,
  region text not null,
  digest blob not null unique,
  body blob not null,
  created_at integer not null
) strict;

-- History. Never updated, never deleted.
create table events (
  stream text not null,
  version integer not null,
  kind text not null,
  bytes blob not null,
  leaf blob not null,
  recorded_at integer not null,
  primary key (stream, version)
) strict;
create trigger events_are_never_updated before update on events
begin select raise(abort, 'events are append-only'); end;
create trigger events_are_never_deleted before delete on events
begin select raise(abort, 'events are append-only'); end;

-- Personal documents, each under a key of its own. The body is never changed; erasure empties key and salt.
create table revisions (
  id text primary key,
  owner text not null,
  kind text not null,
  wrapped_key blob,
  salt blob,
  body blob not null,
  commitment blob not null,
  created_at integer not null
) strict;
create index revisions_by_owner on revisions (owner, created_at);
create trigger revision_bodies_are_never_updated before update of id, owner, kind, body, commitment on revisions
begin select raise(abort, 'revisions are append-only'); end;
create trigger revisions_are_never_deleted before delete on revisions
begin select raise(abort, 'revisions are append-only'); end;

create table registrations (
  id text primary key,
  number text not null unique,
  kind text not null,
  person_id text not null references persons (id),
  employer_id text references employers (id),
  office_id text not null references offices (id),
  started_on text not null,
  status text not null,
  hold text not null,
  finished_on text,
  reason text,
  details text not null references revisions (id),
  version integer not null,
  head blob not null,
  created_at integer not null,
  changed_at integer not null
) strict;
create index registrations_by_person on registrations (person_id, created_at, id);
create index registrations_by_employer on registrations (employer_id, created_at, id);
create index registrations_by_office on registrations (office_id, created_at, id);
-- The same person with the same unit cannot be registered twice for the same time (V20).
create unique index registrations_once on registrations (kind, person_id, coalesce(employer_id, ''))
  where status in ('pending', 'valid');

create table cases (
  id text primary key,
  number text not null unique,
  act text not null,
  kind text not null,
  reason text,
  registration_id text not null references registrations (id),
  applicant_kind text not null,
  applicant_person text references persons (id),
  applicant_employer text references employers (id),
  office_id text not null references offices (id),
  policy_id text not null references policies (id),
  previous_id text references cases (id),
  stage text not null,
  received_on text not null,
  asked_on text not null,
  accepted_on text,
  due_on text,
  decided_on text,
  version integer not null,
  head blob not null,
  submitted_at integer not null,
  changed_at integer not null
) strict;
create index cases_by_registration on cases (registration_id, submitted_at, id);
create index cases_by_person on cases (applicant_person, submitted_at, id);
create index cases_by_employer on cases (applicant_employer, submitted_at, id);
create index cases_by_office on cases (office_id, stage, due_on, id);
create unique index cases_one_open on cases (registration_id)
  where stage in ('intake', 'supplement', 'first', 'second');

-- What is being prepared: no number, no history, changed freely, gone when handed in.
create table drafts (
  id text primary key,
  account_id text not null references accounts (id),
  purpose text not null,
  registration_id text references registrations (id),
  case_id text references cases (id),
  body blob not null,
  version integer not null,
  created_at integer not null,
  changed_at integer not null
) strict;
create index drafts_by_account on drafts (account_id, changed_at, id);

-- Files. The bytes lie beside the database under the blob's name; the name a person gave is sealed.
create table evidence (
  id text primary key,
  owner text not null,
  material text not null,
  name blob not null,
  kind text not null,
  size integer not null,
  pages integer,
  blob text not null unique,
  wrapped_key blob not null,
  salt blob not null,
  commitment blob not null,
  created_at integer not null
) strict;
create index evidence_by_owner on evidence (owner, created_at, id);

create table notices (
  id text primary key,
  person_id text references persons (id),
  employer_id text references employers (id),
  template text not null,
  case_id text references cases (id),
  registration_id text references registrations (id),
  created_at integer not null,
  read_at integer
) strict;
create index notices_by_person on notices (person_id, created_at, id);
create index notices_by_employer on notices (employer_id, created_at, id);

create table jobs (
  id text primary key,
  kind text not null,
  subject text not null,
  run_at integer not null,
  attempts integer not null,
  lease text,
  leased_until integer,
  done_at integer,
  parked_at integer,
  error text,
  unique (kind, subject)
) strict;
create index jobs_waiting on jobs (run_at, id) where done_at is null and parked_at is null;

-- What was answered to a key, kept as long as the case.
create table answers (
  actor text not null,
  route text not null,
  key text not null,
  fingerprint blob not null,
  body blob not null,
  created_at integer not null,
  primary key (actor, route, key)
) strict;

-- Who looked at whom.
create table looks (
  id text primary key,
  account_id text not null references accounts (id),
  person_id text references persons (id),
  subject text not null,
  what text not null,
  at integer not null
) strict;
create index looks_by_person on looks (person_id, at);

create table settings (
  key text primary key,
  value text not null
) strict;
