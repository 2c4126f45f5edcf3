-- The list of an employer or office by status: without these a status that few records have is looked for in all of them.
create index registrations_by_employer_status on registrations (employer_id, status, created_at, id);
create index registrations_by_office_status on registrations (office_id, status, created_at, id);
