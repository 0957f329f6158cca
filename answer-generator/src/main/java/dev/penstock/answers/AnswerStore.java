package dev.penstock.answers;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/// Answers and their leases in Postgres. Each method is one statement, so one transaction; times
/// are the database's. All throw [DataAccessException] where the database is out of reach.
final class AnswerStore {
  private final JdbcClient jdbc;

  AnswerStore(DataSource dataSource) {
    this.jdbc = JdbcClient.create(dataSource);
  }

  /// Takes the lease of an answer that nobody holds, also of one whose row is not visible yet: from
  /// then on the lease, not Kafka, remembers it.
  ///
  /// @return nothing if another holds it or the answer is final
  Optional<Lease> claim(UUID answerId, String worker, Duration length) {
    return jdbc.sql(
            """
            insert into answer_leases as held (answer_id, worker, generation, until)
            select :id, :worker, 1, now() + make_interval(secs => :seconds)
            where not exists (
              select from messages where id = :id and status not in ('pending', 'generating'))
            on conflict (answer_id) do update
            set worker = excluded.worker, generation = held.generation + 1, until = excluded.until
            where held.until <= now()
            returning generation
            """)
        .param("id", answerId)
        .param("worker", worker)
        .param("seconds", seconds(length))
        .query(Long.class)
        .optional()
        .map(generation -> new Lease(answerId, worker, generation));
  }

  /// Nothing where no such answer is visible.
  Optional<AnswerRow> find(UUID answerId) {
    return jdbc.sql(
            """
            select a.status, a.conversation_id, c.owner, q.id as question_id, q.content as question,
              extract(epoch from now() - a.created_at)::float8 as waited
            from messages a
            join conversations c on c.id = a.conversation_id
            left join messages q on q.id = a.reply_to and q.conversation_id = a.conversation_id
            where a.id = :id and a.role = 'assistant'
            """)
        .param("id", answerId)
        .query((row, number) -> {
          UUID questionId = row.getObject("question_id", UUID.class);
          return new AnswerRow(
              AnswerStatus.of(row.getString("status")),
              Duration.ofMillis(Math.round(row.getDouble("waited") * 1000)),
              questionId == null
                  ? null
                  : new Question(
                      questionId,
                      answerId,
                      row.getObject("conversation_id", UUID.class),
                      row.getString("owner"),
                      row.getString("question")));
        })
        .optional();
  }

  /// Writes the answer and gives up the lease, at once.
  ///
  /// @return false if nothing was written: the lease is another's, or the answer is final already
  boolean complete(Lease lease, String content) {
    return finish(lease, "status = 'completed', content = :text", content);
  }

  /// Writes the reason, for the user, why there is no answer, and gives up the lease, at once.
  ///
  /// @return as [#complete]
  boolean fail(Lease lease, String reason) {
    return finish(lease, "status = 'failed', error = :text", reason);
  }

  private boolean finish(Lease lease, String assignments, String text) {
    return jdbc.sql(
                """
                with lease as (
                  delete from answer_leases
                  where answer_id = :id and worker = :worker and generation = :generation
                  returning answer_id)
                update messages set %s, updated_at = now()
                from lease
                where id = lease.answer_id and role = 'assistant'
                  and status in ('pending', 'generating')
                """
                    .formatted(assignments))
            .param("id", lease.answerId())
            .param("worker", lease.worker())
            .param("generation", lease.generation())
            .param("text", text)
            .update()
        == 1;
  }

  /// Ends the lease now, so that anyone may claim the answer; its generation is remembered.
  void release(Lease lease) {
    endLease("update answer_leases set until = now()", lease);
  }

  /// Forgets the lease of an answer that needs none any more.
  void drop(Lease lease) {
    endLease("delete from answer_leases", lease);
  }

  private void endLease(String change, Lease lease) {
    jdbc.sql(change + " where answer_id = :id and worker = :worker and generation = :generation")
        .param("id", lease.answerId())
        .param("worker", lease.worker())
        .param("generation", lease.generation())
        .update();
  }

  /// Prolongs what `worker` holds of `answerIds`; returns what it still holds.
  Set<UUID> renew(String worker, Set<UUID> answerIds, Duration length) {
    if (answerIds.isEmpty()) {
      return Set.of();
    }
    return jdbc.sql(
            """
            update answer_leases set until = now() + make_interval(secs => :seconds)
            where answer_id in (:ids) and worker = :worker
            returning answer_id
            """)
        .param("seconds", seconds(length))
        .param("ids", answerIds)
        .param("worker", worker)
        .query(AnswerStore::id)
        .set();
  }

  /// Unfinished answers that nobody works at, the oldest first: those whose lease has run out, and
  /// those that never had one and are older than `age`.
  List<UUID> abandoned(Duration age, int limit) {
    return jdbc.sql(
            """
            select m.id from messages m left join answer_leases l on l.answer_id = m.id
            where m.status in ('pending', 'generating') and m.role = 'assistant'
              and (l.until <= now() or (l.answer_id is null
                and m.updated_at <= now() - make_interval(secs => :seconds)))
            order by m.updated_at limit :limit
            """)
        .param("seconds", seconds(age))
        .param("limit", limit)
        .query(AnswerStore::id)
        .list();
  }

  /// The age of the oldest unfinished answer that nobody works at; zero where there is none.
  Duration queueAge() {
    double age =
        jdbc.sql(
                """
                select coalesce(extract(epoch from now() - min(m.updated_at)), 0)::float8
                from messages m left join answer_leases l on l.answer_id = m.id
                where m.status in ('pending', 'generating') and m.role = 'assistant'
                  and (l.answer_id is null or l.until <= now())
                """)
            .query(Double.class)
            .single();
    return Duration.ofMillis(Math.round(age * 1000));
  }

  /// Forgets leases that ran out longer than `age` ago and whose answer is not unfinished: of one
  /// that was cancelled, or whose row never came.
  int purge(Duration age) {
    return jdbc.sql(
            """
            delete from answer_leases where until < now() - make_interval(secs => :seconds)
              and not exists (select from messages
                where id = answer_id and status in ('pending', 'generating'))
            """)
        .param("seconds", seconds(age))
        .update();
  }

  private static UUID id(ResultSet row, int number) throws SQLException {
    return row.getObject(1, UUID.class);
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }
}
