package dev.penstock.command.txid;

import dev.penstock.contracts.Headers;
import dev.penstock.contracts.Migrations;
import dev.penstock.contracts.Partitions;
import dev.penstock.contracts.Topics;
import dev.penstock.contracts.log.LogEntry;
import dev.penstock.contracts.log.LogOrigin;
import dev.penstock.contracts.log.LogTopic;
import dev.penstock.contracts.log.LogWriter;
import dev.penstock.contracts.log.Lsn;
import dev.penstock.contracts.log.ReaderState;
import dev.penstock.contracts.log.Relation;
import dev.penstock.contracts.log.Relation.Column;
import dev.penstock.contracts.log.ResumePoint;
import dev.penstock.contracts.log.Tuple;
import dev.penstock.stack.TestStack;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/// A log and its topics as a bridge could have written them, and commands in a real Postgres.
final class TracedLog implements AutoCloseable {
  static final Map<String, Object> KAFKA =
      Map.of("bootstrap.servers", TestStack.bootstrapServers());
  private static final AtomicLong XIDS = new AtomicLong(1_000);

  private static final class Shared {
    static final String URL = TestStack.newDatabase();

    static {
      new Migrations(URL, "postgres", "", Migrations.DEFAULT_NAME, "t_tracer").migrate();
      database(URL).sql("select pg_drop_replication_slot('t_tracer')").query().listOfRows();
    }
  }

  final Topics topics = new Topics(TestStack.newTopicPrefix() + "p");
  final JdbcClient database = database(Shared.URL);
  final UUID conversation = UUID.randomUUID();
  LogWriter writer = new LogWriter(KAFKA, topics.log());
  private Relation messages = relation();
  private long epoch;
  private long lsn = 1_000;

  TracedLog() throws Exception {
    try (Admin admin = Admin.create(KAFKA)) {
      LogTopic.create(admin, topics.log(), (short) 1);
      admin
          .createTopics(
              List.of(
                  new NewTopic(
                      topics.table("public", "messages"), Topics.KEYED_PARTITIONS, (short) 1)))
          .all()
          .get();
    }
    database
        .sql(
            "insert into conversations (id, owner, title, created_at) values (?, 'alice', '', now())")
        .params(conversation)
        .update();
  }

  private static JdbcClient database(String url) {
    return JdbcClient.create(new DriverManagerDataSource(url, "postgres", ""));
  }

  private static Relation relation() {
    return new Relation(
        -1,
        16_385,
        "public",
        "messages",
        "f",
        List.of(
            new Column("id", 2950, -1, "uuid", "b", 0, true, 0),
            new Column("conversation_id", 2950, -1, "uuid", "b", 0, true, -1)));
  }

  static String urlWithSearchPath(String path) {
    return Shared.URL + (Shared.URL.contains("?") ? "&" : "?") + "currentSchema=" + path;
  }

  TxidTracer tracer(URI... shapeServers) {
    return tracer(KAFKA, 4, Duration.ofSeconds(20), 100_000, shapeServers);
  }

  TxidTracer tracer(
      Map<String, Object> kafka, int searches, Duration timeout, long scan, URI... shapeServers) {
    return new TxidTracer(
        database,
        new TracerSettings(
            kafka,
            topics,
            List.of(shapeServers),
            "secret",
            searches,
            timeout,
            scan,
            Duration.ofSeconds(2)),
        new SimpleMeterRegistry());
  }

  /// A command of alice's under a xid that no other test has.
  long command(Instant begun) {
    long xid = XIDS.incrementAndGet();
    command(xid, begun);
    return xid;
  }

  void command(long xid, Instant begun) {
    database
        .sql(
            "insert into commands (kind, request_id, owner, txid, body_hash, created_at)"
                + " values ('retry', gen_random_uuid(), 'alice', cast(? as text)::xid8, '', ?)")
        .params(Long.toUnsignedString(xid), Timestamp.from(begun))
        .update();
  }

  UUID open(Instant opened, boolean withSnapshot) {
    epoch = writer.claim("test");
    lsn += 1_000;
    UUID generation =
        writer.open(
            new LogOrigin(
                "a test",
                "1",
                1,
                "db",
                "slot",
                "topic",
                lsn,
                withSnapshot ? lsn : 0,
                micros(opened)));
    messages = writer.append(relation());
    if (withSnapshot) {
      writer.add(new LogEntry.SnapshotRow(messages, row()));
      writer.commit(new ResumePoint(lsn, 1, micros(opened)), true);
    }
    writer.flush();
    return generation;
  }

  /// As a leader that comes next and found the log at a state.
  void resume(UUID generation, long number) {
    epoch = writer.claim("test");
    writer.resume(
        new ReaderState(epoch + 1, generation, epoch, 0, number, new ResumePoint(lsn, 1, 1)),
        new LogOrigin("a test", "1", 1, "db", "slot", "topic", lsn));
    messages = writer.append(relation());
    writer.flush();
  }

  long epoch() {
    return epoch;
  }

  /// Writes a transaction with one row of the conversation.
  ///
  /// @return its commit LSN
  long commit(long txid, Instant at) {
    lsn += 10;
    writer.add(new LogEntry.Insert(messages, row()));
    writer.commit(new ResumePoint(lsn, txid, micros(at)), false);
    writer.flush();
    return lsn;
  }

  /// The log is beyond all that Postgres has committed.
  void pass() {
    lsn += 1L << 50;
    writer.progress(new ResumePoint(lsn, 0, micros(Instant.now())));
    writer.flush();
  }

  private Tuple row() {
    return Tuple.of(UUID.randomUUID().toString(), conversation.toString());
  }

  /// As the router does.
  void route(UUID generation, long txid, long commitLsn) throws Exception {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            topics.table("public", "messages"),
            Partitions.of(conversation.toString(), Topics.KEYED_PARTITIONS),
            new byte[0],
            new byte[0]);
    Map.of(
            Headers.TXID, Long.toString(txid),
            Headers.COMMIT_LSN, Lsn.decimal(commitLsn),
            Headers.GENERATION, generation.toString())
        .forEach(
            (name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(KAFKA, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.send(record).get();
    }
  }

  /// What retention does.
  void cutBefore(long offset) throws Exception {
    try (Admin admin = Admin.create(KAFKA)) {
      admin
          .deleteRecords(
              Map.of(new TopicPartition(topics.log(), 0), RecordsToDelete.beforeOffset(offset)))
          .all()
          .get();
    }
  }

  private static long micros(Instant at) {
    return 1_000 * at.toEpochMilli();
  }

  @Override
  public void close() {
    writer.close();
  }
}
