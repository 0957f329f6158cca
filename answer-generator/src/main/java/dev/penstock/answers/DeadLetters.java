package dev.penstock.answers;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.contracts.Outbox;
import java.time.Duration;
import java.util.UUID;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/// What could not be answered: in `dead_letters` for the operators and, by the outbox, in the
/// topic; both in the transaction that makes the answer fail.
final class DeadLetters {
  private static final int MOST_BYTES = 65_536;

  private static final String EMIT =
      """
      select pg_logical_emit_message(true, '%s', json_strip_nulls(json_build_object(
        'id', id, 'answerId', answer_id, 'conversationId', conversation_id, 'owner', owner,
        'reason', reason, 'cause', cause, 'attempts', attempts,
        'failedAt', to_char(failed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'payload', payload))::text)::text from letter
      """
          .formatted(Outbox.DEAD_LETTERS);

  private final JdbcClient jdbc;

  DeadLetters(DataSource dataSource) {
    this.jdbc = JdbcClient.create(dataSource);
  }

  /// Writes the reason, for the user, why there is no answer, and the dead letter, and gives up the
  /// lease, at once; the text so far stays.
  ///
  /// @return false if nothing was written: the lease is another's, or the answer is final already
  boolean fail(Lease lease, Failure failure) {
    return jdbc.sql(
                """
                with lease as (
                  delete from answer_leases
                  where answer_id = :id and worker = :worker and generation = :generation
                  returning answer_id),
                failed as (
                  update messages m set status = 'failed', error = :reason, updated_at = now()
                  from lease
                  where m.id = lease.answer_id and m.role = 'assistant'
                    and m.status in ('pending', 'generating')
                  returning m.id, m.conversation_id, m.reply_to),
                letter as (
                  insert into dead_letters
                    (id, answer_id, conversation_id, owner, reason, cause, attempts, payload,
                     failed_at)
                  select gen_random_uuid(), f.id, f.conversation_id, c.owner, :reason, :cause,
                    :attempts, case when q.id is not null then json_build_object(
                      'questionId', q.id, 'answerId', f.id,
                      'conversationId', f.conversation_id, 'owner', c.owner, 'content', q.content,
                      'askedAt', to_char(q.created_at at time zone 'UTC',
                        'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text end, now()
                  from failed f join conversations c on c.id = f.conversation_id
                  left join messages q on q.id = f.reply_to
                  returning *)
                """
                    + EMIT)
            .param("id", lease.answerId())
            .param("worker", lease.worker())
            .param("generation", lease.generation())
            .param("reason", failure.reason())
            .param("cause", failure.cause())
            .param("attempts", failure.attempts())
            .query(String.class)
            .list()
            .size()
        == 1;
  }

  /// Keeps a record that is no `QuestionAsked`; again and again is once.
  void reject(String topic, int partition, long offset, byte[] value) {
    String place = topic + "-" + partition + "@" + offset;
    String text = new String(value, 0, Math.min(value.length, MOST_BYTES), UTF_8).replace("\0", "");
    jdbc.sql(
            """
            with letter as (
              insert into dead_letters (id, reason, cause, attempts, payload, failed_at)
              values (:id, 'The record is no question.', :cause, 1, :payload, now())
              on conflict (id) do nothing returning *)
            """
                + EMIT)
        .param("id", UUID.nameUUIDFromBytes(place.getBytes(UTF_8)))
        .param("cause", "malformed record at " + place)
        .param("payload", text)
        .query(String.class)
        .list();
  }

  /// Forgets letters older than `age`, and the oldest of those beyond `most`.
  ///
  /// @return how many
  int purge(Duration age, int most) {
    return jdbc.sql(
            """
            delete from dead_letters where failed_at < now() - make_interval(secs => :seconds)
              or id in (select id from dead_letters order by failed_at desc, id offset :most)
            """)
        .param("seconds", age.toMillis() / 1000.0)
        .param("most", most)
        .update();
  }

  int count() {
    return jdbc.sql("select count(*) from dead_letters").query(Integer.class).single();
  }
}
