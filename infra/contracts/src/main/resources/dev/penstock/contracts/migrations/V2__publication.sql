create publication "${publication}" for table conversations, messages;

-- Logical decoding does not carry DDL; a transactional message puts it at its place in the commit order.
create function penstock_report_ddl() returns event_trigger language plpgsql as $$
declare
  command record;
begin
  if tg_event = 'sql_drop' then
    for command in select * from pg_event_trigger_dropped_objects() where not is_temporary loop
      if command.object_type in ('table', 'table column', 'type', 'schema') then
        perform pg_logical_emit_message(true, 'penstock.ddl', jsonb_build_object(
          'tag', tg_tag, 'type', command.object_type, 'schema', command.schema_name,
          'identity', command.object_identity, 'oid', command.objid::bigint, 'dropped', true)::text);
      end if;
    end loop;
  else
    for command in select * from pg_event_trigger_ddl_commands() loop
      if command.object_type in ('table', 'table column', 'type', 'publication table')
         and not command.in_extension and coalesce(command.schema_name, '') <> 'pg_temp' then
        perform pg_logical_emit_message(true, 'penstock.ddl', jsonb_build_object(
          'tag', tg_tag, 'type', command.object_type, 'schema', command.schema_name,
          'identity', command.object_identity, 'oid', command.objid::bigint, 'dropped', false)::text);
      end if;
    end loop;
  end if;
end
$$;
create event trigger penstock_ddl on ddl_command_end execute function penstock_report_ddl();
create event trigger penstock_drop on sql_drop execute function penstock_report_ddl();
