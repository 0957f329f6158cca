-- What a lease remembers of its answer's earlier runs: how many died with it, and the bytes of text their updates wrote.
alter table answer_leases
  add column claims integer not null default 0,
  add column written bigint not null default 0;

-- A generation is never used twice, also not by an answer whose lease was forgotten in between.
create sequence answer_generations;

-- An answer waits for the unfinished ones before it in its conversation.
create index messages_unfinished_conversation on messages (conversation_id, created_at, id)
  where status in ('pending', 'generating');

-- Outside of the publication: what could not be answered, until an operator retries or discards it.
create table dead_letters (
  id uuid primary key,
  answer_id uuid,
  conversation_id uuid,
  owner text,
  reason text not null,
  cause text not null,
  attempts integer not null,
  payload text,
  failed_at timestamptz not null
);
create index dead_letters_failed_at on dead_letters (failed_at, id);
