-- Times are UTC. No primary key: the merge keeps ids unique, and an index would cost memory per row.
create table if not exists messages (
  id uuid not null,
  conversation_id uuid not null,
  role varchar not null,
  status varchar not null,
  characters integer,
  reply_to uuid,
  created_at timestamp not null,
  updated_at timestamp not null,
  part integer not null,
  commit_lsn ubigint not null,
  seq bigint not null
);

-- How far the topic is in the tables above: written by the transaction that writes them.
create table if not exists positions (
  topic varchar not null,
  part integer not null,
  next_offset bigint not null,
  commit_lsn ubigint not null,
  primary key (topic, part)
);

-- What could not be read, for people: where it is in the topic, not what is in it.
create table if not exists quarantine (
  topic varchar not null,
  part integer not null,
  record_offset bigint not null,
  reason varchar not null
);
