-- Changes of a region's rules: drafted by one administrator, signed into force from a day by another.
create table rule_changes (
  id text primary key,
  region text not null,
  base text not null,
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
create trigger rule_changes_stand_when_signed
before update of region, base, body, from_day, why, version, drafted_by, signed_by, signed_at on rule_changes
when old.signed_at is not null
begin select raise(abort, 'signed rules are never changed'); end;
create trigger withdrawn_rules_stay_withdrawn before update on rule_changes
when old.withdrawn_at is not null
begin select raise(abort, 'withdrawn rules stay withdrawn'); end;
create trigger rule_changes_are_never_deleted before delete on rule_changes
begin select raise(abort, 'rule changes are never deleted'); end;
