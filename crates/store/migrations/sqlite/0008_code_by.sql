-- Who handed out the last one-time code of an account: he could have used it himself.
alter table accounts add column code_by text references accounts (id);
