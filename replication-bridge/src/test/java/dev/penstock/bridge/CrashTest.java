package dev.penstock.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.contracts.Headers;
import dev.penstock.contracts.log.LogEntry;
import dev.penstock.contracts.log.Transaction;
import dev.penstock.stack.ChildKafkaBroker;
import dev.penstock.stack.KafkaBroker;
import dev.penstock.stack.PostgresServer;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Kills the bridge's process, the broker and Postgres under load, at seeded moments.
class CrashTest {
  private static final int WRITERS = 3;

  @Test
  void everyTransactionIsThereOnceInCommitOrderWhateverIsKilled(@TempDir Path directory)
      throws Exception {
    long seed = Long.getLong("penstock.seed", System.nanoTime());
    System.out.println("CrashTest: -Dpenstock.seed=" + seed);
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    try (PostgresServer postgres = PostgresServer.start(directory.resolve("pg"), 0, Map.of());
        ChildKafkaBroker broker = KafkaBroker.startChild(directory.resolve("kafka"));
        ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
      postgres.createDatabase("crash");
      try (TestBridge bridge =
          new TestBridge(postgres.jdbcUrl("crash"), broker.bootstrapServers(), TestBridge.fact())) {
        AtomicLong ids = new AtomicLong();
        AtomicBoolean stop = new AtomicBoolean();
        List<Future<?>> load = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
          String part = "w" + i;
          load.add(writers.submit(() -> write(bridge, part, ids, stop)));
        }

        // When
        Process child = launch(bridge, directory);
        for (int kill = 0; kill < 5; kill++) {
          awaitGrowth(bridge, 20 + random.nextInt(300));
          switch (kill) {
            case 2 -> {
              broker.kill();
              broker.start();
            }
            case 3 -> {
              postgres.kill();
              postgres.start();
            }
            default -> {
              child.destroyForcibly().waitFor();
              child = launch(bridge, directory);
            }
          }
        }
        awaitGrowth(bridge, 100);
        stop.set(true);
        for (Future<?> writer : load) {
          writer.get();
        }
        long last;
        try (Connection connection = bridge.connect()) {
          last = Sql.commit(connection, "insert into fact values (0, 'last', '')");
        }

        // Then
        try {
          List<Transaction> log = bridge.transactionsUntil(last);
          verify(bridge, log);
        } finally {
          child.destroyForcibly().waitFor();
        }
      }
    }
  }

  /// The oracle is Postgres itself: which rows there are, and each transaction's rows.
  private static void verify(TestBridge bridge, List<Transaction> log) throws Exception {
    Map<Long, List<String>> expected = new HashMap<>();
    try (Connection connection = bridge.connect();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("select xmin::text::bigint, id from fact order by id")) {
      while (row.next()) {
        expected.computeIfAbsent(row.getLong(1), _ -> new ArrayList<>()).add(row.getString(2));
      }
    }
    Map<Long, List<String>> seen = new HashMap<>();
    Map<String, Long> lastOfWriter = new HashMap<>();
    List<String> inLog = new ArrayList<>();
    for (Transaction transaction : log) {
      List<String> rows = new ArrayList<>();
      transaction.forEach(entry -> {
        if (entry instanceof LogEntry.Insert insert) {
          String id = String.valueOf(insert.row().text(0));
          String part = String.valueOf(insert.row().text(1));
          rows.add(id);
          inLog.add(transaction.txid() + " " + id);
          // One writer's commits are ordered, and so are its ids.
          Long before = lastOfWriter.put(part, Long.parseLong(id));
          assertThat(before == null || before < Long.parseLong(id)).isTrue();
        }
      });
      if (!rows.isEmpty()) {
        assertThat(seen.put(transaction.txid(), rows)).isNull();
      }
    }
    System.out.println("CrashTest: " + seen.size() + " transactions, " + inLog.size() + " rows");
    assertThat(seen).isEqualTo(expected);
    assertThat(log).extracting(Transaction::commitLsn).isSorted().doesNotHaveDuplicates();

    List<ConsumerRecord<byte[], byte[]>> routed = KeyedTopic.read(bridge, "fact", inLog.size());
    assertThat(routed)
        .extracting(r ->
            Headers.text(r.headers(), Headers.TXID)
                + " "
                + new String(r.key(), UTF_8).replaceAll("\\D", ""))
        .containsExactlyInAnyOrderElementsOf(inLog);
  }

  private static void write(TestBridge bridge, String part, AtomicLong ids, AtomicBoolean stop) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(part.hashCode());
    while (!stop.get()) {
      try (Connection connection = bridge.connect()) {
        while (!stop.get()) {
          connection.setAutoCommit(false);
          int rows = 1 + random.nextInt(5);
          for (int i = 0; i < rows; i++) {
            Sql.run(
                connection,
                "insert into fact values (%d, '%s', repeat('x', %d))"
                    .formatted(ids.incrementAndGet(), part, random.nextInt(200)));
          }
          if (random.nextInt(10) == 0) {
            connection.rollback();
          } else {
            connection.commit();
          }
          TimeUnit.MILLISECONDS.sleep(8);
        }
      } catch (SQLException e) {
        // Postgres is being killed: what was not committed is not in the oracle either.
        java.util.concurrent.locks.LockSupport.parkNanos(100_000_000);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  /// Waits until the log has grown, so that what is killed next was at work.
  private static void awaitGrowth(TestBridge bridge, long records) {
    long[] from = {-1};
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(20))
        .ignoreExceptions()
        .until(() -> {
          long end = end(bridge);
          from[0] = from[0] < 0 ? end : from[0];
          return end > from[0] + records;
        });
  }

  private static long end(TestBridge bridge) throws Exception {
    TopicPartition log = new TopicPartition(bridge.topics.log(), 0);
    try (Admin admin = Admin.create(KeyedTopic.kafka(bridge))) {
      return admin
          .listOffsets(Map.of(log, OffsetSpec.latest()))
          .partitionResult(log)
          .get(2, TimeUnit.SECONDS)
          .offset();
    }
  }

  private static Process launch(TestBridge bridge, Path directory) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(BridgeApplication.class.getName());
    bridge.properties().forEach((key, value) -> command.add("--" + key + "=" + value));
    File output = directory.resolve("bridge.log").toFile();
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(Redirect.appendTo(output))
        .start();
  }
}
