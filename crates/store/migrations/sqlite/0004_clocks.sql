-- A case whose clock stands still for a special procedure is open like any other.
drop index cases_one_open;
create unique index cases_one_open on cases (registration_id)
  where stage in ('intake', 'supplement', 'first', 'second', 'suspended');
-- What a date causes is looked for by stage and last day, over all offices.
create index cases_by_last_day on cases (stage, due_on, id);
-- Whether somebody was told something about a case.
create index notices_by_case on notices (case_id, template, created_at);
