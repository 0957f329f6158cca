-- A table that joins or leaves the publication is a "publication relation" to event triggers: V2 waited for another name.
create or replace function penstock_report_ddl() returns event_trigger language plpgsql as $$
declare
  command record;
begin
  if tg_event = 'sql_drop' then
    for command in select * from pg_event_trigger_dropped_objects() where not is_temporary loop
      if command.object_type in ('table', 'table column', 'type', 'schema', 'publication relation') then
        perform pg_logical_emit_message(true, 'penstock.ddl', jsonb_build_object(
          'tag', tg_tag, 'type', command.object_type, 'schema', command.schema_name,
          'identity', command.object_identity, 'oid', command.objid::bigint, 'dropped', true)::text);
      end if;
    end loop;
  else
    for command in select * from pg_event_trigger_ddl_commands() loop
      if command.object_type in ('table', 'table column', 'type', 'publication relation')
         and not command.in_extension and coalesce(command.schema_name, '') <> 'pg_temp' then
        perform pg_logical_emit_message(true, 'penstock.ddl', jsonb_build_object(
          'tag', tg_tag, 'type', command.object_type, 'schema', command.schema_name,
          'identity', command.object_identity, 'oid', command.objid::bigint, 'dropped', false)::text);
      end if;
    end loop;
  end if;
end
$$;
