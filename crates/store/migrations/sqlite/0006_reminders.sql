-- The last reminder of a filing that is being prepared: its last day and the step, so that none comes twice.
alter table drafts add column reminded text;
