package dev.penstock.answers;

import dev.penstock.contracts.Outbox;
import dev.penstock.contracts.trace.Spans;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/// Answers and their leases in Postgres. Each method is one statement, so one transaction; times
/// are the database's. All throw [DataAccessException] where the database is out of reach.
final class AnswerStore {
  /// Whether an earlier answer of `m`'s conversation is unfinished.
  private static final String BLOCKED =
      """
      exists (select from messages p
        where p.conversation_id = m.conversation_id and p.role = 'assistant'
          and p.status in ('pending', 'generating') and (p.created_at, p.id) < (m.created_at, m.id))
      """;

  private static final String HELD =
      " where answer_id = :id and worker = :worker and generation = :generation";

  /// First of the transaction, since the row is joined with it; nothing where there is no trace.
  private static final String TRACE =
      "trace as (select pg_logical_emit_message(true, '"
          + Outbox.TRACE
          + "', cast(:trace as text)) as lsn)";

  private final JdbcClient jdbc;
  private final Traces traces;

  AnswerStore(DataSource dataSource) {
    this(dataSource, new Traces(Spans.OFF));
  }

  AnswerStore(DataSource dataSource, Traces traces) {
    this.jdbc = JdbcClient.create(dataSource);
    this.traces = traces;
  }

  private record Claimed(long generation, int claims, boolean held) {}

  /// Takes the lease of an answer that nobody holds, also of one whose row is not visible yet: from
  /// then on the lease, not Kafka, remembers it.
  ///
  /// @return nothing if another holds it, the answer is final, or an earlier one of its
  ///   conversation is not: then a lease that has ended already remembers it
  Optional<Lease> claim(UUID answerId, String worker, Duration length) {
    return jdbc.sql(
            """
            insert into answer_leases as held (answer_id, worker, generation, until, claims)
            select :id, :worker, nextval('answer_generations'),
              case when blocked then now() else now() + make_interval(secs => :seconds) end,
              case when blocked then 0 else 1 end
            from (select exists (select from messages m where m.id = :id and %s) as blocked)
            where not exists (
              select from messages where id = :id and status not in ('pending', 'generating'))
            on conflict (answer_id) do update
            set worker = excluded.worker, generation = nextval('answer_generations'),
              until = excluded.until, claims = held.claims + excluded.claims
            where held.until <= now()
            returning generation, claims, until > now() as held
            """
                .formatted(BLOCKED))
        .param("id", answerId)
        .param("worker", worker)
        .param("seconds", seconds(length))
        .query(Claimed.class)
        .optional()
        .filter(Claimed::held)
        .map(claimed -> new Lease(answerId, worker, claimed.generation(), claimed.claims()));
  }

  /// Nothing where no such answer is visible.
  Optional<AnswerRow> find(UUID answerId) {
    return jdbc.sql(
            """
            select m.status, m.conversation_id, c.owner, m.content,
              q.id as question_id, q.content as question, coalesce(l.written, 0) as written,
              extract(epoch from now() - m.created_at)::float8 as waited, %s as blocked
            from messages m
            join conversations c on c.id = m.conversation_id
            left join messages q on q.id = m.reply_to and q.conversation_id = m.conversation_id
            left join answer_leases l on l.answer_id = m.id
            where m.id = :id and m.role = 'assistant'
            """
                .formatted(BLOCKED))
        .param("id", answerId)
        .query((row, number) -> row(answerId, row))
        .optional();
  }

  private static AnswerRow row(UUID answerId, ResultSet row) throws SQLException {
    UUID conversationId = row.getObject("conversation_id", UUID.class);
    UUID questionId = row.getObject("question_id", UUID.class);
    return new AnswerRow(
        AnswerStatus.of(row.getString("status")),
        conversationId,
        row.getBoolean("blocked"),
        Duration.ofMillis(Math.round(row.getDouble("waited") * 1000)),
        row.getLong("written"),
        questionId == null
            ? null
            : new Question(
                questionId,
                answerId,
                conversationId,
                row.getString("owner"),
                row.getString("question"),
                List.of(),
                row.getString("content")));
  }

  /// What was said in the conversation before the question, the oldest first: the newest `most`
  /// messages, of these what fits into `chars`; without answers that came to nothing.
  List<Question.Turn> history(Question question, int most, int chars) {
    return jdbc.sql(
            """
            select assistant, content from (
              select role = 'assistant' as assistant, content, created_at, id,
                sum(length(content)) over (order by created_at desc, id desc) as total
              from (
                select m.* from messages m join messages q on q.id = :question
                where m.conversation_id = q.conversation_id
                  and (m.created_at, m.id) < (q.created_at, q.id)
                order by m.created_at desc, m.id desc limit :most) newest
              where content <> '') counted
            where total <= :chars order by created_at, id
            """)
        .param("question", question.questionId())
        .param("most", most)
        .param("chars", chars)
        .query((row, number) -> new Question.Turn(row.getBoolean(1), row.getString(2)))
        .list();
  }

  /// Writes what there is of the answer and prolongs the lease.
  ///
  /// @return as [#complete]
  boolean grow(Lease lease, String content, int bytes, Duration length) {
    return held(
                """
                with lease as (
                  update answer_leases set written = written + :bytes,
                    until = greatest(until, now() + make_interval(secs => :seconds)) %s
                  returning answer_id), %s
                update messages set status = 'generating', content = :text, updated_at = now()
                from lease, trace
                where id = lease.answer_id and role = 'assistant'
                  and status in ('pending', 'generating')
                """
                    .formatted(HELD, TRACE),
                lease)
            .param("trace", traces.of(lease.answerId()))
            .param("text", content)
            .param("bytes", bytes)
            .param("seconds", seconds(length))
            .update()
        == 1;
  }

  /// Writes the answer and gives up the lease, at once.
  ///
  /// @return false if nothing was written: the lease is another's, or the answer is final already
  boolean complete(Lease lease, String content) {
    return held(
                """
                with lease as (delete from answer_leases %s returning answer_id), %s
                update messages set status = 'completed', content = :text, updated_at = now()
                from lease, trace
                where id = lease.answer_id and role = 'assistant'
                  and status in ('pending', 'generating')
                """
                    .formatted(HELD, TRACE),
                lease)
            .param("trace", traces.of(lease.answerId()))
            .param("text", content)
            .update()
        == 1;
  }

  /// Ends the lease now, so that anyone may claim the answer and go on; it was no failed claim.
  void release(Lease lease) {
    held("update answer_leases set until = now(), claims = claims - 1" + HELD, lease).update();
  }

  /// Forgets the lease of an answer that needs none any more.
  void drop(Lease lease) {
    held("delete from answer_leases" + HELD, lease).update();
  }

  private JdbcClient.StatementSpec held(String sql, Lease lease) {
    return jdbc.sql(sql)
        .param("id", lease.answerId())
        .param("worker", lease.worker())
        .param("generation", lease.generation());
  }

  /// Prolongs what `worker` holds of `answerIds`.
  void renew(String worker, Set<UUID> answerIds, Duration length) {
    jdbc.sql(
            """
            update answer_leases set until = now() + make_interval(secs => :seconds)
            where answer_id in (:ids) and worker = :worker
            """)
        .param("seconds", seconds(length))
        .param("ids", answerIds)
        .param("worker", worker)
        .update();
  }

  /// Which of `answerIds` are still `worker`'s, and whether somebody stopped them.
  Map<UUID, Boolean> stopped(String worker, Set<UUID> answerIds) {
    Map<UUID, Boolean> held = new HashMap<>();
    jdbc.sql(
            """
            select l.answer_id, coalesce(m.status = 'cancelled', false) as stopped
            from answer_leases l left join messages m on m.id = l.answer_id
            where l.answer_id in (:ids) and l.worker = :worker
            """)
        .param("ids", answerIds)
        .param("worker", worker)
        .query(row -> {
          held.put(row.getObject(1, UUID.class), row.getBoolean(2));
        });
    return held;
  }

  /// Unfinished answers that nobody works at and that wait for no other, the oldest first: those
  /// whose lease has run out, and those that never had one and are older than `age`.
  List<UUID> abandoned(Duration age, int limit) {
    return jdbc.sql(
            """
            select m.id from messages m left join answer_leases l on l.answer_id = m.id
            where m.status in ('pending', 'generating') and m.role = 'assistant'
              and (l.until <= now() or (l.answer_id is null
                and m.updated_at <= now() - make_interval(secs => :seconds)))
              and not %s
            order by m.updated_at limit :limit
            """
                .formatted(BLOCKED))
        .param("seconds", seconds(age))
        .param("limit", limit)
        .query(AnswerStore::id)
        .list();
  }

  /// The first unfinished answer of a conversation.
  Optional<UUID> next(UUID conversationId) {
    return jdbc.sql(
            """
            select id from messages
            where conversation_id = :conversation and role = 'assistant'
              and status in ('pending', 'generating')
            order by created_at, id limit 1
            """)
        .param("conversation", conversationId)
        .query(AnswerStore::id)
        .optional();
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
