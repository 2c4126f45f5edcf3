-- Changes of a region's rules: drafted by one administrator, signed into force from a day by another.
create table rule_changes (
  id text collate "C" primary key,
  region text not null,
  base text not null,
  body text not null,
  from_day text collate "C" not null,
  why text not null,
  version bigint not null,
  drafted_by text collate "C" not null references accounts (id),
  drafted_at bigint not null,
  changed_at bigint not null,
  signed_by text collate "C" references accounts (id),
  signed_at bigint,
  withdrawn_by text collate "C" references accounts (id),
  withdrawn_at bigint,
  check (signed_by is null or signed_by <> drafted_by)
);
create function signed_rules_stand() returns trigger language plpgsql as $$
begin
  if (old.region, old.base, old.body, old.from_day, old.why, old.version, old.drafted_by, old.signed_by, old.signed_at)
    is distinct from
    (new.region, new.base, new.body, new.from_day, new.why, new.version, new.drafted_by, new.signed_by, new.signed_at)
  then raise exception 'signed rules are never changed'; end if;
  return new;
end $$;
create trigger rule_changes_stand_when_signed before update on rule_changes
  for each row when (old.signed_at is not null) execute function signed_rules_stand();
create function withdrawn_rules_stay() returns trigger language plpgsql as $$
begin raise exception 'withdrawn rules stay withdrawn'; end $$;
create trigger withdrawn_rules_stay_withdrawn before update on rule_changes
  for each row when (old.withdrawn_at is not null) execute function withdrawn_rules_stay();
create trigger rule_changes_are_never_deleted before delete or truncate on rule_changes
  for each statement execute function append_only();
