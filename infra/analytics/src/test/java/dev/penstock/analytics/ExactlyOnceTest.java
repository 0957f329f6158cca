package dev.penstock.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.stack.ChildJvm;
import dev.penstock.stack.TestStack;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

/// A consumer that starts behind the messages and is killed on the way. While it is killed, each
/// record is the only one of its row: an upsert hides a record that was left out as soon as another
/// one of the row follows. One that is taken twice shows nowhere in the numbers; the store refuses
/// it. That rows and offsets are one transaction, `StoreTest` shows. The long form:
/// `-Dpenstock.analytics.messages=100000 -Dpenstock.analytics.kills=5`.
class ExactlyOnceTest {
  private static final int MESSAGES = Integer.getInteger("penstock.analytics.messages", 3_000);
  private static final int KILLS = Integer.getInteger("penstock.analytics.kills", 2);
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final String WINDOW = "minutes=1440&until=2026-03-29T23:00:00Z&conversations=100";

  @TempDir private Path directory;

  @Test
  void theNumbersEqualPostgresAtAFenceAlsoWhenKilledOnTheWay() throws Exception {
    try (Source source = new Source()) {
      // Given a topic with many rows, and nobody who has read them
      source.write(MESSAGES);
      long first = source.fence();
      String topic = source.topics.table("public", "messages");
      await().atMost(PATIENCE).until(() -> end(topic) > MESSAGES && fenceRouted(topic, first));
      long records = end(topic);
      Path file = directory.resolve("a.duckdb");
      int port = freePort();
      Client client = new Client(port);

      // When it is killed several times while it reads, and more is written meanwhile
      for (int kill = 1; kill <= KILLS; kill++) {
        long enough = records * kill / (KILLS + 1);
        long stored;
        try (ChildJvm child = start(source, file, port)) {
          await()
              .pollInterval(Duration.ofMillis(5))
              .atMost(PATIENCE)
              .ignoreExceptions()
              .until(() -> position(client) >= enough);
          stored = position(client);
          child.kill();
        }
        try (Store store = Store.open(file, DataSize.ofMegabytes(64), 0)) {
          long kept = store.positions(topic).values().stream().mapToLong(Long::longValue).sum();
          assertThat(kept).isGreaterThanOrEqualTo(stored);
          System.out.printf("killed at %d of %d records%n", kept, records);
          assertThat(kept).as("killed on the way").isLessThan(records);
        }
        source.finish(50 * kill - 50, 50 * kill);
      }
      source.finish(0, MESSAGES / 6);

      // Then, once it has what comes before a fence, its numbers are those of Postgres
      long fence = source.fence();
      try (ChildJvm child = start(source, file, port)) {
        await()
            .atMost(PATIENCE)
            .ignoreExceptions()
            .until(() -> passed(client.report(WINDOW), fence));
        Report report = client.report(WINDOW);
        Expected expected =
            new Expected(source.postgres, "2026-03-28 23:00:00Z", "2026-03-29 23:00:00Z");
        assertThat(report.quarantined()).isZero();
        assertThat(report.totals()).isEqualTo(expected.totals());
        assertThat(report.statuses()).isEqualTo(expected.statuses()).hasSizeGreaterThan(4);
        assertThat(report.window()).isEqualTo(expected.window());
        assertThat(report.window().timeToAnswer().count()).isGreaterThan(MESSAGES / 12L);
        System.out.println(report.totals() + " " + report.window().timeToAnswer());
        child.terminate();
        assertThat(child.awaitExit(Duration.ofSeconds(20))).isPresent();
        try (Store store = Store.open(file, DataSize.ofMegabytes(64), 0);
            Connection duckdb = store.reader()) {
          assertThat(Expected.stored(duckdb)).isEqualTo(expected.messages());
        }
      }
    }
  }

  private ChildJvm start(Source source, Path file, int port) {
    Map<String, Object> settings =
        Map.of(
            "kafka-bootstrap-servers", TestStack.bootstrapServers(),
            "topic-prefix", source.topics.prefix(),
            "group", source.topics.prefix(),
            "file", file,
            "memory", "64MB",
            // Small, so that there is something to kill it between.
            "batch-rows", Math.max(20, MESSAGES / 100),
            "port", port);
    List<String> arguments =
        settings.entrySet().stream()
            .map(entry -> "--penstock.analytics." + entry.getKey() + "=" + entry.getValue())
            .toList();
    return ChildJvm.start(AnalyticsApplication.class, directory.resolve("child.log"), arguments);
  }

  private static long position(Client client) throws IOException, InterruptedException {
    return client.report("minutes=1&conversations=0").positions().stream()
        .mapToLong(Report.Position::nextOffset)
        .sum();
  }

  private static boolean passed(Report report, long fence) {
    return report.positions().size() == 12
        && report.positions().stream()
            .allMatch(position ->
                Long.compareUnsigned(Long.parseUnsignedLong(position.commitLsn()), fence) > 0);
  }

  private static KafkaConsumer<byte[], byte[]> consumer() {
    return new KafkaConsumer<>(
        Map.of(
            "bootstrap.servers", TestStack.bootstrapServers(), "isolation.level", "read_committed"),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  private static List<TopicPartition> partitions(String topic) {
    return IntStream.range(0, 12).mapToObj(i -> new TopicPartition(topic, i)).toList();
  }

  /// The sum of the ends of what is committed.
  private static long end(String topic) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      return consumer.endOffsets(partitions(topic)).values().stream().mapToLong(end -> end).sum();
    }
  }

  /// Whether the last record of the first partition is the fence's: all else was routed before it.
  private static boolean fenceRouted(String topic, long fence) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      TopicPartition first = new TopicPartition(topic, 0);
      long end = consumer.endOffsets(List.of(first)).getOrDefault(first, 0L);
      consumer.assign(List.of(first));
      consumer.seek(first, Math.max(0, end - 3));
      for (var kafka : consumer.poll(Duration.ofSeconds(2))) {
        String lsn = dev.penstock.contracts.Headers.text(kafka.headers(), "commit_lsn");
        if (lsn != null && Long.parseUnsignedLong(lsn) > fence) {
          return true;
        }
      }
      return false;
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }
}
