-- Keys by which programs act for an account. Only the hash of each is kept.
create table tokens (
  id text primary key,
  account_id text not null references accounts (id),
  name text not null,
  token_hash blob not null unique,
  created_at integer not null,
  expires_at integer not null,
  used_at integer,
  revoked_at integer
) strict;
create index tokens_by_account on tokens (account_id, created_at, id);
