-- What was given up is counted at every look of whoever watches.
create index jobs_parked on jobs (parked_at) where parked_at is not null;
