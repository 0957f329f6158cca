package dev.penstock.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.stack.TestStack;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;
import tools.jackson.databind.JsonNode;

/// Rows and bytes per second, against a consumer that only reads, one that writes what it reads
/// with batched inserts, and a bare COPY from the source's table; not in the test run: `mvn verify
/// -pl infra/replay -am -Dtest=ReplaySpeed -Dpenstock.replay.rows=100000`.
class ReplaySpeed {
  private static final int ROWS = Integer.getInteger("penstock.replay.rows", 100_000);
  private static final int ROUNDS = Integer.getInteger("penstock.replay.rounds", 2);
  private static final List<String> COLUMNS =
      List.of(
          "id",
          "conversation_id",
          "role",
          "status",
          "content",
          "error",
          "reply_to",
          "created_at",
          "updated_at");

  private interface Reading {
    void take(ConsumerRecord<byte[], byte[]> record) throws Exception;
  }

  @Test
  void againstABareConsumer() throws Exception {
    try (TestArchive archive = new TestArchive()) {
      archive.commit(
          "insert into conversations select gen_random_uuid(), 'o', 't' from generate_series(1, 100)");
      for (int i = 0; i < ROWS / 1_000; i++) {
        archive.commit(
            "insert into messages select gen_random_uuid(), (select id from conversations offset %d limit 1), 'user', 'completed', repeat(md5(random()::text), 10), null, null, now(), now() from generate_series(1, 1000)"
                .formatted(i % 100));
      }
      archive.awaitRouted();
      // Each again, since the first one warms the JVM and the disk's cache.
      for (int round = 1; round <= ROUNDS; round++) {
        System.out.println("round " + round);
        consume(archive, "bare consumer", _ -> {});
        replay(archive, "no target", "--dry-run");
        replay(archive, "topic", "--into", "speed-" + round + "-" + archive.topics.prefix());
        copy(archive);
        insert(archive);
        replay(archive, "jdbc", "--into", TestStack.newDatabase(), "--verify", archive.url);
        System.out.println(
            "load: " + ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
      }
    }
  }

  private static void replay(TestArchive archive, String what, String... arguments) {
    long cpu = cpuNanos();
    TestArchive.Ran ran = archive.replay(arguments);
    double micros = (cpuNanos() - cpu) / 1e3;
    assertThat(ran.code()).as(ran.err()).isZero();
    ran.err()
        .lines()
        .filter(line -> line.startsWith("Replay:"))
        .forEach(line ->
            System.out.printf("%s %s, %.1f µs of CPU a record%n", what, line, micros / ROWS));
  }

  /// Of this thread, which reads and decodes: it says the same on a busy machine.
  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static String table(Connection connection) throws Exception {
    TestArchive.run(
        connection,
        "set session_replication_role = replica",
        "create table messages (id uuid primary key, conversation_id uuid, role text, status text, content text, error text, reply_to uuid, created_at timestamptz, updated_at timestamptz)");
    return "messages (" + String.join(", ", COLUMNS) + ")";
  }

  private static void copy(TestArchive archive) throws Exception {
    try (Connection source = TestArchive.connect(archive.url);
        Connection target = TestArchive.connect(TestStack.newDatabase());
        PipedOutputStream out = new PipedOutputStream();
        InputStream in = new PipedInputStream(out, 1 << 20)) {
      String table = table(target);
      long began = System.nanoTime();
      CompletableFuture<Void> reading =
          CompletableFuture.runAsync(() -> {
            try (out) {
              CopyManager copies = source.unwrap(PGConnection.class).getCopyAPI();
              copies.copyOut("copy " + table + " to stdout", out);
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          });
      long rows =
          target
              .unwrap(PGConnection.class)
              .getCopyAPI()
              .copyIn("copy " + table + " from stdin", in);
      reading.join();
      report("bare copy", rows, 0, began);
    }
  }

  private static void insert(TestArchive archive) throws Exception {
    String url = TestStack.newDatabase();
    try (Connection target =
        TestArchive.connect(url + (url.contains("?") ? "&" : "?") + "reWriteBatchedInserts=true")) {
      String table = table(target);
      target.setAutoCommit(false);
      try (PreparedStatement insert =
          target.prepareStatement(
              "insert into "
                  + table
                  + " values (?::uuid, ?::uuid, ?, ?, ?, ?, ?::uuid, ?::timestamptz, ?::timestamptz)")) {
        int[] batched = {0};
        consume(
            archive,
            "batched inserts",
            record -> {
              JsonNode after = Change.JSON.readTree(record.value()).path("after");
              if (!after.has("content")) {
                return;
              }
              for (int i = 0; i < COLUMNS.size(); i++) {
                JsonNode value = after.path(COLUMNS.get(i));
                insert.setString(i + 1, value.isNull() ? null : value.asString());
              }
              insert.addBatch();
              if (++batched[0] % 5_000 == 0) {
                insert.executeBatch();
                target.commit();
              }
            });
        insert.executeBatch();
        target.commit();
      }
    }
  }

  private static void consume(TestArchive archive, String what, Reading reading) throws Exception {
    try (Archive topics = archive.archive();
        KafkaConsumer<byte[], byte[]> consumer = topics.consumer()) {
      Map<TopicPartition, Long> ends = topics.ends();
      consumer.assign(ends.keySet());
      consumer.seekToBeginning(ends.keySet());
      long records = 0;
      long bytes = 0;
      long cpu = cpuNanos();
      long began = System.nanoTime();
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          records++;
          bytes += record.value() == null ? 0 : record.value().length;
          reading.take(record);
        }
      }
      report(what, records, bytes, began);
      System.out.printf("  %.1f µs of CPU a record%n", (cpuNanos() - cpu) / 1e3 / records);
    }
  }

  private static void report(String what, long records, long bytes, long began) {
    double seconds = (System.nanoTime() - began) / 1e9;
    System.out.printf(
        "%s: %,d records, %,.0f/s, %.1f MiB/s%n",
        what, records, records / seconds, bytes / seconds / (1 << 20));
  }
}
