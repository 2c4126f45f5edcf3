-- Keys by which programs act for an account. Only the hash of each is kept.
create table tokens (
  id text collate "C" primary key,
  account_id text collate "C" not null references accounts (id),
  name text not null,
  token_hash bytea not null unique,
  created_at bigint not null,
  expires_at bigint not null,
  used_at bigint,
  revoked_at bigint
);
create index tokens_by_account on tokens (account_id, created_at, id);
