-- The name an employer typed on a registration, as a keyed index that is another one for each employer: it finds a name
-- inside one employer and tells nothing about two.
create table registration_names (
  registration_id text primary key references registrations (id),
  employer_id text not null references employers (id),
  name_index blob not null
) strict;
create index registration_names_by_name on registration_names (employer_id, name_index);
-- One index over everybody showed who in the whole register bears the same name; no search read it.
alter table persons drop column name_index;
-- The worker reads the names that are there already: a key is needed for that, and a migration has none.
insert into jobs (id, kind, subject, run_at, attempts) values ('job_00000000000000000000000000', 'name.index', '', 0, 0);
