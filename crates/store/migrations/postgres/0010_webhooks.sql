-- Where the system of a person or an employer wants to be told of what happened. Address and secret are sealed.
create table webhooks (
  id text collate "C" primary key,
  account_id text collate "C" not null references accounts (id),
  person_id text collate "C" references persons (id),
  employer_id text collate "C" references employers (id),
  address bytea not null,
  secret bytea not null,
  created_at bigint not null,
  -- Not before, and how often in a row it failed.
  due_at bigint not null,
  failed bigint not null default 0,
  called_at bigint,
  outcome text collate "C",
  stopped_at bigint,
  stopped_why text collate "C",
  lease text collate "C",
  leased_until bigint
);
create index webhooks_of_account on webhooks (account_id);
create index webhooks_of_person on webhooks (person_id, created_at, id);
create index webhooks_of_employer on webhooks (employer_id, created_at, id);

-- What each has still to be told, written in the transaction that made the notice.
create table webhook_notices (
  webhook_id text collate "C" not null references webhooks (id),
  notice_id text collate "C" not null references notices (id),
  primary key (webhook_id, notice_id)
);
