-- Who decides.
create table offices (
  id text collate "C" primary key,
  parent text references offices (id),
  region text not null,
  authority text not null check (authority in ('rs', 'zj')),
  name text not null
);

-- Whom a record is about. Everything that names a person is sealed; only keyed indexes can be searched.
create table persons (
  id text collate "C" primary key,
  document_index bytea not null unique,
  name_index bytea not null,
  profile bytea not null,
  created_at bigint not null
);

create table employers (
  id text collate "C" primary key,
  unit_number text not null unique,
  name text not null,
  region text not null,
  standing text not null,
  created_at bigint not null
);

create table accounts (
  id text collate "C" primary key,
  login text not null unique,
  role text not null,
  person_id text references persons (id),
  employer_id text references employers (id),
  office_id text references offices (id),
  display bytea not null,
  assurance text not null,
  password text,
  code_hash bytea,
  code_until bigint,
  disabled boolean not null,
  created_at bigint not null
);

create table sessions (
  token_hash bytea primary key,
  account_id text not null references accounts (id),
  created_at bigint not null,
  seen_at bigint not null
);
create index sessions_by_account on sessions (account_id);

-- Wrong tries, counted per account, network or case number, and locked for a time.
create table attempts (
  key bytea primary key,
  failures bigint not null,
  since bigint not null,
  locked_until bigint
);

-- The rules a case was filed under, as they were resolved that day.
create table policies (
  id text collate "C" primary key,
  region text not null,
  digest bytea not null unique,
  body bytea not null,
  created_at bigint not null
);

-- History. Never updated, never deleted.
create table events (
  stream text collate "C" not null,
  version bigint not null,
  kind text not null,
  bytes bytea not null,
  leaf bytea not null,
  recorded_at bigint not null,
  primary key (stream, version)
);
create function append_only() returns trigger language plpgsql as $$
begin raise exception '% is append-only', tg_table_name; end $$;
create trigger events_are_never_changed before update or delete or truncate on events
  for each statement execute function append_only();

-- Personal documents, each under a key of its own. The body is never changed; erasure empties key and salt.
create table revisions (
  id text collate "C" primary key,
  owner text not null,
  kind text not null,
  wrapped_key bytea,
  salt bytea,
  body bytea not null,
  commitment bytea not null,
  created_at bigint not null
);
create index revisions_by_owner on revisions (owner, created_at);
create trigger revision_bodies_are_never_updated before update of id, owner, kind, body, commitment on revisions
  for each statement execute function append_only();
create trigger revisions_are_never_deleted before delete or truncate on revisions
  for each statement execute function append_only();

create table registrations (
  id text collate "C" primary key,
  number text collate "C" not null unique,
  kind text not null,
  person_id text not null references persons (id),
  employer_id text references employers (id),
  office_id text not null references offices (id),
  started_on text collate "C" not null,
  status text not null,
  hold text not null,
  finished_on text,
  reason text,
  details text not null references revisions (id),
  version bigint not null,
  head bytea not null,
  created_at bigint not null,
  changed_at bigint not null
);
create index registrations_by_person on registrations (person_id, created_at, id);
create index registrations_by_employer on registrations (employer_id, created_at, id);
create index registrations_by_office on registrations (office_id, created_at, id);
-- The same person with the same unit cannot be registered twice for the same time (V20).
create unique index registrations_once on registrations (kind, person_id, coalesce(employer_id, ''))
  where status in ('pending', 'valid');

create table cases (
  id text collate "C" primary key,
  number text collate "C" not null unique,
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
  stage text collate "C" not null,
  received_on text not null,
  asked_on text not null,
  accepted_on text,
  due_on text collate "C",
  decided_on text,
  version bigint not null,
  head bytea not null,
  submitted_at bigint not null,
  changed_at bigint not null
);
create index cases_by_registration on cases (registration_id, submitted_at, id);
create index cases_by_person on cases (applicant_person, submitted_at, id);
create index cases_by_employer on cases (applicant_employer, submitted_at, id);
create index cases_by_office on cases (office_id, stage, due_on, id);
create unique index cases_one_open on cases (registration_id)
  where stage in ('intake', 'supplement', 'first', 'second');

-- What is being prepared: no number, no history, changed freely, gone when handed in.
create table drafts (
  id text collate "C" primary key,
  account_id text not null references accounts (id),
  purpose text not null,
  registration_id text references registrations (id),
  case_id text references cases (id),
  body bytea not null,
  version bigint not null,
  created_at bigint not null,
  changed_at bigint not null
);
create index drafts_by_account on drafts (account_id, changed_at, id);

-- Files. The bytes lie beside the database under the blob's name; the name a person gave is sealed.
create table evidence (
  id text collate "C" primary key,
  owner text not null,
  material text not null,
  name bytea not null,
  kind text not null,
  size bigint not null,
  pages bigint,
  blob text not null unique,
  wrapped_key bytea not null,
  salt bytea not null,
  commitment bytea not null,
  created_at bigint not null
);
create index evidence_by_owner on evidence (owner, created_at, id);

create table notices (
  id text collate "C" primary key,
  person_id text references persons (id),
  employer_id text references employers (id),
  template text not null,
  case_id text references cases (id),
  registration_id text references registrations (id),
  created_at bigint not null,
  read_at bigint
);
create index notices_by_person on notices (person_id, created_at, id);
create index notices_by_employer on notices (employer_id, created_at, id);

create table jobs (
  id text collate "C" primary key,
  kind text not null,
  subject text not null,
  run_at bigint not null,
  attempts bigint not null,
  lease text,
  leased_until bigint,
  done_at bigint,
  parked_at bigint,
  error text,
  unique (kind, subject)
);
create index jobs_waiting on jobs (run_at, id) where done_at is null and parked_at is null;

-- What was answered to a key, kept as long as the case.
create table answers (
  actor text not null,
  route text not null,
  key text not null,
  fingerprint bytea not null,
  body bytea not null,
  created_at bigint not null,
  primary key (actor, route, key)
);

-- Who looked at whom.
create table looks (
  id text collate "C" primary key,
  account_id text not null references accounts (id),
  person_id text references persons (id),
  subject text not null,
  what text not null,
  at bigint not null
);
create index looks_by_person on looks (person_id, at);

create table settings (
  key text primary key,
  value text not null
);
