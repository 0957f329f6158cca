-- A role for each service, with what it needs and no more; run again whenever this file changes, so also behind new tables.
-- Without a password they enter only where the server trusts them: `alter role penstock_command password '…'` is the operator's.
-- Roles are the cluster's and not the database's: another Penstock in the cluster has the same.
do $$
declare
  service text;
begin
  foreach service in array array['command', 'answers', 'bridge', 'shapes', 'gateway'] loop
    begin
      if not exists (select from pg_roles where rolname = 'penstock_' || service) then
        execute format('create role %I login', 'penstock_' || service);
      end if;
    exception when duplicate_object or unique_violation then
      null; -- another database's migration was first
    end;
  end loop;
  if not exists (select from pg_roles where rolname = 'penstock_bridge' and rolreplication) then
    alter role penstock_bridge replication;
  end if;
exception when insufficient_privilege then
  raise exception 'the roles penstock_command, _answers, _bridge, _shapes and _gateway cannot be made: %', sqlerrm
    using hint = 'Let an administrator create them with LOGIN, and penstock_bridge with REPLICATION, and migrate again.';
end
$$;

-- Whether a transaction is still open in another session decides which snapshot is whole (shapes) and whose WAL is held (bridge).
do $$
declare
  reader text;
begin
  foreach reader in array array['penstock_bridge', 'penstock_shapes'] loop
    if not pg_has_role(reader, 'pg_read_all_stats', 'usage') then
      execute format('grant pg_read_all_stats to %I', reader);
    end if;
  end loop;
exception when insufficient_privilege then
  raise exception 'pg_read_all_stats cannot be granted to penstock_bridge and penstock_shapes: %', sqlerrm
    using hint = 'Let an administrator grant it, and migrate again.';
end
$$;

-- Less WAL is retained with it; the bridge does without it, too.
do $$
begin
  grant execute on function pg_log_standby_snapshot() to penstock_bridge;
exception when insufficient_privilege then
  raise notice 'pg_log_standby_snapshot() is not granted to penstock_bridge';
end
$$;

grant usage on schema public to penstock_command, penstock_answers, penstock_bridge, penstock_shapes, penstock_gateway;

grant select, insert on conversations, messages, commands to penstock_command;
-- Of an answer only what a stop or a dead letter's retry changes: whose it is and what it replies to stay.
grant update (status, content, error, updated_at) on messages to penstock_command;
grant update (txid, created_at, accepted_at) on commands to penstock_command;
grant select, delete on dead_letters to penstock_command;

grant select on conversations, messages to penstock_answers;
grant update (status, content, error, updated_at) on messages to penstock_answers;
grant select, insert, update, delete on answer_leases, dead_letters to penstock_answers;
grant usage on sequence answer_generations to penstock_answers;

-- A table that joins the publication wants the same grants, by its own migration.
grant select on conversations, messages to penstock_bridge, penstock_shapes, penstock_gateway;
