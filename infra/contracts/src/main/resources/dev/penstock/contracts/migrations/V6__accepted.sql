-- When the command-service took a command on, by its clock: what lies between this and created_at, by Postgres' clock, is
-- the wait for a connection. Null for commands of before.
alter table commands add column accepted_at timestamptz;
