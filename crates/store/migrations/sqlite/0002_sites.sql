-- 建筑项目: the project, the units on it, their teams, and which registration stands where.
create table projects (
  id text primary key,
  code text not null unique,
  name text not null,
  region text not null,
  office_id text not null references offices (id),
  contractor_id text not null references employers (id),
  started_on text not null,
  created_at integer not null
) strict;
create index projects_by_office on projects (office_id, created_at, id);

create table project_units (
  project_id text not null references projects (id),
  employer_id text not null references employers (id),
  role text not null,
  created_at integer not null,
  primary key (project_id, employer_id)
) strict;
create index project_units_by_employer on project_units (employer_id, project_id);

create table teams (
  id text primary key,
  project_id text not null references projects (id),
  employer_id text not null references employers (id),
  name text not null,
  created_at integer not null,
  unique (project_id, employer_id, name)
) strict;

alter table registrations add column project_id text references projects (id);
alter table registrations add column team_id text references teams (id);
create index registrations_by_project on registrations (project_id, created_at, id) where project_id is not null;
create index registrations_by_team on registrations (team_id, created_at, id) where team_id is not null;

-- V20 with the project: the same person may work for the same unit on two sites. A worker who left a site is entered
-- on the record that is there.
drop index registrations_once;
create unique index registrations_once on registrations (kind, person_id, coalesce(employer_id, ''), coalesce(project_id, ''))
  where status in ('pending', 'valid');
