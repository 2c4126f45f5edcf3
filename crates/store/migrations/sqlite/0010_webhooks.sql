-- Where the system of a person or an employer wants to be told of what happened. Address and secret are sealed.
create table webhooks (
  id text primary key,
  account_id text not null references accounts (id),
  person_id text references persons (id),
  employer_id text references employers (id),
  address blob not null,
  secret blob not null,
  created_at integer not null,
  -- Not before, and how often in a row it failed.
  due_at integer not null,
  failed integer not null default 0,
  called_at integer,
  outcome text,
  stopped_at integer,
  stopped_why text,
  lease text,
  leased_until integer
) strict;
create index webhooks_of_account on webhooks (account_id);
create index webhooks_of_person on webhooks (person_id, created_at, id);
create index webhooks_of_employer on webhooks (employer_id, created_at, id);

-- What each has still to be told, written in the transaction that made the notice.
create table webhook_notices (
  webhook_id text not null references webhooks (id),
  notice_id text not null references notices (id),
  primary key (webhook_id, notice_id)
) strict, without rowid;
