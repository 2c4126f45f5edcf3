-- Changes of a region's rules: drafted by one administrator, signed into force from a day by another.
create table rule_changes (
  id text primary key,
  region text not null,
  base blob not null,
  body text not null,
  from_day text not null,
  why text not null,
  version integer not null,
  drafted_by text not null references accounts (id),
  drafted_at integer not null,
  changed_at integer not null,
  signed_by text references accounts (id),
  signed_at integer,
  withdrawn_by text references accounts (id),
  withdrawn_at integer,
  check (signed_by is null or signed_by <> drafted_by)
) strict;
create index rule_changes_by_region on rule_changes (region, drafted_at, id);
create trigger rule_changes_stand_when_signed
before update of region, base, body, from_day, why, drafted_by, signed_by, signed_at on rule_changes
when old.signed_at is not null
begin select raise(abort, 'signed rules are never changed'); end;
create trigger rule_changes_are_never_deleted before delete on rule_changes
begin select raise(abort, 'rule changes are never deleted'); end;
