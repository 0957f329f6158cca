-- Alone in its transaction: a slot cannot be made by a transaction that has written.
select pg_create_logical_replication_slot('${slot}', 'pgoutput')
where not exists (select from pg_replication_slots where slot_name = '${slot}');
