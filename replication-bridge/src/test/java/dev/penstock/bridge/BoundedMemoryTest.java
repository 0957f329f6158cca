package dev.penstock.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.contracts.log.LogEntry;
import dev.penstock.contracts.log.LogEvent;
import dev.penstock.contracts.log.LogReader;
import dev.penstock.contracts.log.Transaction;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A bridge with a small heap, whose router reads what its leader writes: a transaction of many
/// times what a reader holds of one, and rows up to and beyond what a record can hold.
///
/// `-Dpenstock.memory.full=true` takes 1 000 000 rows instead of 50 000.
class BoundedMemoryTest {
  private static final String HEAP = "-Xmx" + System.getProperty("penstock.memory.heap", "400m");
  private static final int ROWS = Boolean.getBoolean("penstock.memory.full") ? 1_000_000 : 50_000;
  private static final Duration PATIENCE = Duration.ofMinutes(6);

  @Test
  void aSmallHeapTakesLargeTransactionsAndRows(@TempDir Path directory) throws Exception {
    try (TestBridge bridge = TestBridge.onSharedStack(TestBridge.fact());
        Connection connection = bridge.connect()) {
      Process child = launch(bridge, directory);
      try {
        // When
        long many =
            Sql.commit(
                connection,
                "insert into fact select i, 'p' || i % 100, repeat(md5(i::text), 60) from"
                    + " generate_series(1, "
                    + ROWS
                    + ") i");
        List<Long> sized = new ArrayList<>();
        for (int mebibytes : List.of(8, 32, 40)) {
          sized.add(
              Sql.commit(
                  connection,
                  "insert into fact select -%d, 'large', repeat('x', %d << 20)"
                      .formatted(mebibytes, mebibytes)));
        }
        long updated = Sql.commit(connection, "update fact set part = 'large' where id = -32");
        long last = Sql.commit(connection, "insert into fact values (0, 'last', 'done')");

        // Then
        Map<Long, List<String>> log = log(bridge, child, last);
        assertThat(log.get(many)).containsExactly(ROWS + " entries");
        assertThat(sized)
            .extracting(log::get)
            .containsExactly(
                List.of("I -8 8388608"), List.of("I -32 33554432"), List.of("O insert -40"));
        assertThat(log.get(updated)).containsExactly("U -32 33554432");
        assertThat(log.get(last)).containsExactly("I 0 4");

        Map<String, String> routed = routed(bridge, child);
        assertThat(routed).hasSize(ROWS + 4);
        assertThat(routed.get("{\"id\":-8}")).isEqualTo("c");
        assertThat(routed.get("{\"id\":-40}")).isEqualTo("c oversize");
        // Before and after are more than one record can hold.
        assertThat(routed.get("{\"id\":-32}")).isEqualTo("c, u oversize");
        assertThat(child.isAlive()).as(Files.readString(directory.resolve("bridge.log"))).isTrue();
      } finally {
        child.destroyForcibly().waitFor();
      }
    }
  }

  private static Map<Long, List<String>> log(TestBridge bridge, Process child, long last) {
    Map<Long, List<String>> all = new HashMap<>();
    try (LogReader reader = bridge.reader()) {
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (System.nanoTime() < deadline && child.isAlive()) {
        for (LogEvent event : reader.poll(Duration.ofMillis(100))) {
          if (event instanceof Transaction transaction) {
            List<String> entries = new ArrayList<>();
            long[] count = new long[1];
            transaction.forEach(entry -> {
              if (count[0]++ < 10) {
                entries.add(text(entry));
              }
            });
            assertThat(count[0]).isEqualTo(transaction.entries());
            all.put(transaction.txid(), count[0] > 10 ? List.of(count[0] + " entries") : entries);
            if (transaction.txid() == last) {
              return all;
            }
          }
        }
      }
    }
    throw new AssertionError("the last transaction did not come; so far " + all);
  }

  private static String text(LogEntry entry) {
    return switch (entry) {
      case LogEntry.Insert insert -> "I " + insert.row().text(0) + " " + insert.row().length(2);
      case LogEntry.Update update -> "U " + update.row().text(0) + " " + update.row().length(2);
      case LogEntry.Oversize oversize -> "O " + oversize.operation() + " " + oversize.key().text(0);
      default -> entry.toString();
    };
  }

  /// By key, what an ordinary consumer sees.
  private static Map<String, String> routed(TestBridge bridge, Process child) {
    Map<String, Object> config = new HashMap<>(KeyedTopic.kafka(bridge));
    config.put("isolation.level", "read_committed");
    Map<String, String> seen = new HashMap<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      String topic = bridge.topics.table("public", "fact");
      List<TopicPartition> partitions =
          IntStream.range(0, 12).mapToObj(i -> new TopicPartition(topic, i)).toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (!seen.containsKey("{\"id\":0}") || seen.size() < ROWS + 4) {
        if (System.nanoTime() > deadline || !child.isAlive()) {
          throw new AssertionError("only " + seen.size() + " keys were routed");
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          int length = record.value().length;
          String end = new String(record.value(), length - 120, 120, UTF_8);
          String op = end.replaceAll("(?s).*\"op\":\"(.)\".*", "$1");
          String what = op + (record.headers().lastHeader("oversize") == null ? "" : " oversize");
          seen.merge(new String(record.key(), UTF_8), what, (a, b) -> a + ", " + b);
        }
      }
    }
    return seen;
  }

  private static Process launch(TestBridge bridge, Path directory) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(List.of(HEAP, "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(BridgeApplication.class.getName());
    bridge.properties().forEach((key, value) -> command.add("--" + key + "=" + value));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(Redirect.to(directory.resolve("bridge.log").toFile()))
        .start();
  }
}
