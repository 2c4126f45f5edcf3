-- What somebody asked for, without the registrations that needed no decision: an employer has tens of thousands of those.
create index cases_asked_by_person on cases (applicant_person, submitted_at, id) where act <> 'register';
create index cases_asked_by_employer on cases (applicant_employer, submitted_at, id) where act <> 'register';
create index cases_asked_of_office on cases (office_id, submitted_at, id) where act <> 'register';
