package dev.penstock.command;

import dev.penstock.contracts.Outbox;
import dev.penstock.contracts.Txid;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The statements of one command. The driver sends them together, so that they cost one round trip;
/// each still sees what was committed before it began (READ COMMITTED), which the second needs: its
/// view of the conversation must be younger than the lock.
///
/// @param statements the last one reads the command's row: whether it is the same command, whether
///   this transaction wrote it, its txid, and this transaction's
record Pipeline(List<String> statements, List<Object> parameters) {
  /// First key of the advisory locks on conversations; the second is a hash of the id. The pair is
  /// in another space than the bridge's single number.
  private static final int CONVERSATION_LOCKS = 0x70656e73;

  private static final String TRACE =
      "select pg_logical_emit_message(true, '" + Outbox.TRACE + "', ?::text)";

  // Only for its owner: nobody else can make a conversation wait. Not a row lock, which would write
  // the row and be written to the WAL.
  private static final String LOCK_CONVERSATION =
      "select pg_advisory_xact_lock(?, ?) from conversations where id = ? and owner = ?";

  private static final String SEND_QUESTION =
      """
      with request (conversation, question, answer, owner, content, hash, accepted) as (
        select ?::uuid, ?::uuid, ?::uuid, ?::text, ?::text, ?::bytea, ?::timestamptz
      ), command as (
        insert into commands (kind, request_id, owner, txid, body_hash, accepted_at)
        select 'question', question, owner, pg_current_xact_id(), hash, accepted from request
        where exists (
          select from conversations c where c.id = conversation and c.owner = request.owner)
        on conflict (kind, request_id) do nothing
        returning request_id
      ), asked as (
        select request.*, greatest(
          date_trunc('milliseconds', clock_timestamp()),
          (select max(created_at) from messages where conversation_id = conversation)
            + interval '1 millisecond') as at
        from request join command on request_id = question
      ), written as (
        insert into messages
          (id, conversation_id, role, status, content, reply_to, created_at, updated_at)
        select question, conversation, 'user', 'completed', content, null::uuid, at, at from asked
        union all
        select answer, conversation, 'assistant', 'pending', '', question,
          at + interval '1 millisecond', at + interval '1 millisecond' from asked
        returning id
      )
      select pg_logical_emit_message(true, '%s', json_build_object(
        'questionId', question, 'answerId', answer, 'conversationId', conversation,
        'owner', owner, 'content', content,
        'askedAt', to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text)
      from asked where (select count(*) from written) = 2
      """
          .formatted(Outbox.QUESTIONS);

  private static final String CREATE_CONVERSATION =
      """
      with request (id, owner, title, hash, accepted) as (
        select ?::uuid, ?::text, ?::text, ?::bytea, ?::timestamptz
      ), command as (
        insert into commands (kind, request_id, owner, txid, body_hash, accepted_at)
        select 'conversation', id, owner, pg_current_xact_id(), hash, accepted from request
        on conflict (kind, request_id) do nothing
        returning request_id
      )
      insert into conversations (id, owner, title, created_at)
      select id, owner, title, date_trunc('milliseconds', clock_timestamp())
      from request join command on request_id = id
      returning id
      """;

  private static final String STOP_ANSWER =
      """
      with stopped as (
        update messages m
        set status = 'cancelled', updated_at = date_trunc('milliseconds', clock_timestamp())
        from conversations c
        where m.id = ? and c.id = m.conversation_id and c.owner = ? and m.role = 'assistant'
          and m.status in ('pending', 'generating')
        returning m.id
      )
      insert into commands (kind, request_id, owner, txid, body_hash, accepted_at)
      select 'stop', id, ?, pg_current_xact_id(), ?, ?::timestamptz from stopped
      on conflict (kind, request_id) do update
      set txid = excluded.txid, created_at = excluded.created_at, accepted_at = excluded.accepted_at
      """;

  // A stop that comes again, or too late, is answered with the transaction that made the answer
  // what it is: a client that waits for it sees the final state.
  private static final String READ_STOPPED =
      """
      select true as same, m.xmin::text = (%1$s) as written_here, m.xmin::text as txid,
        (%1$s) as current
      from messages m join conversations c on c.id = m.conversation_id
      where m.id = ? and c.owner = ? and m.role = 'assistant'
      """
          .formatted(Txid.CURRENT);

  private static final String RETRY_DEAD_LETTER =
      """
      with letter as (
        delete from dead_letters where id = ? and payload is not null and answer_id is not null
        returning id, answer_id, payload
      ), command as (
        insert into commands (kind, request_id, owner, txid, body_hash, accepted_at)
        select 'retry', id, ?, pg_current_xact_id(), ?, ?::timestamptz from letter
        on conflict (kind, request_id) do nothing
      ), revived as (
        update messages m set status = 'pending', error = null, content = '',
          updated_at = date_trunc('milliseconds', clock_timestamp())
        from letter where m.id = letter.answer_id and m.status = 'failed'
        returning m.id
      )
      select pg_logical_emit_message(true, '%s', payload)
      from letter join revived on revived.id = letter.answer_id
      """
          .formatted(Outbox.QUESTIONS);

  // Whichever operator was first.
  private static final String READ_RETRIED =
      """
      select true as same, txid = pg_current_xact_id() as written_here, txid::xid::text as txid,
        (%s) as current
      from commands where kind = 'retry' and request_id = ?
      """
          .formatted(Txid.CURRENT);

  // txid as 64-bit xid8 tells who wrote the row; its cast is what is answered.
  private static final String READ_COMMAND =
      """
      select owner = ? and body_hash = ? as same, txid = pg_current_xact_id() as written_here,
        txid::xid::text as txid, (%s) as current
      from commands where kind = ? and request_id = ?
      """
          .formatted(Txid.CURRENT);

  /// @param acceptedAt when the service had read the command
  static Pipeline of(Command command, @Nullable String traceParent, Instant acceptedAt) {
    OffsetDateTime accepted = acceptedAt.atOffset(ZoneOffset.UTC);
    Builder builder = new Builder();
    if (traceParent != null) {
      // By contract the transaction's first message.
      builder.add(TRACE, traceParent);
    }
    switch (command) {
      case SendQuestion c -> {
        builder.add(
            LOCK_CONVERSATION,
            CONVERSATION_LOCKS,
            c.conversationId().hashCode(),
            c.conversationId(),
            c.owner());
        builder.add(
            SEND_QUESTION,
            c.conversationId(),
            c.questionId(),
            c.answerId(),
            c.owner(),
            c.content(),
            c.bodyHash(),
            accepted);
        builder.add(READ_COMMAND, c.owner(), c.bodyHash(), "question", c.questionId());
      }
      case CreateConversation c -> {
        builder.add(CREATE_CONVERSATION, c.id(), c.owner(), c.title(), c.bodyHash(), accepted);
        builder.add(READ_COMMAND, c.owner(), c.bodyHash(), "conversation", c.id());
      }
      case StopAnswer c -> {
        builder.add(STOP_ANSWER, c.answerId(), c.owner(), c.owner(), c.bodyHash(), accepted);
        builder.add(READ_STOPPED, c.answerId(), c.owner());
      }
      case RetryDeadLetter c -> {
        builder.add(RETRY_DEAD_LETTER, c.id(), c.owner(), c.bodyHash(), accepted);
        builder.add(READ_RETRIED, c.id());
      }
    }
    return builder.build();
  }

  /// As the driver wants it.
  String sql() {
    return String.join(";\n", statements);
  }

  private static final class Builder {
    private final List<String> statements = new ArrayList<>();
    private final List<Object> parameters = new ArrayList<>();

    void add(String statement, Object... values) {
      statements.add(statement);
      parameters.addAll(List.of(values));
    }

    Pipeline build() {
      return new Pipeline(List.copyOf(statements), List.copyOf(parameters));
    }
  }
}
