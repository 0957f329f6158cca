create table conversations (
  id uuid primary key,
  owner text not null,
  title text not null,
  created_at timestamptz not null default now()
);
create index conversations_owner on conversations (owner);

create table messages (
  id uuid primary key,
  conversation_id uuid not null references conversations (id),
  role text not null check (role in ('user', 'assistant')),
  status text not null check (status in ('pending', 'generating', 'completed', 'failed', 'cancelled')),
  content text not null,
  error text,
  reply_to uuid references messages (id),
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create index messages_conversation on messages (conversation_id, created_at, id);
create index messages_unfinished on messages (updated_at) where status in ('pending', 'generating');

-- Every change shows its whole old row: shapes need it to tell what enters and leaves, and unchanged TOAST comes from it.
alter table conversations replica identity full;
alter table messages replica identity full;

-- Outside of the publication: their traffic costs no shape anything.
create table commands (
  kind text not null,
  request_id uuid not null,
  owner text not null,
  txid xid8 not null,
  body_hash bytea not null,
  created_at timestamptz not null default now(),
  primary key (kind, request_id)
);
create index commands_txid on commands (txid);

create table answer_leases (
  answer_id uuid primary key,
  worker text not null,
  generation bigint not null,
  until timestamptz not null
);
