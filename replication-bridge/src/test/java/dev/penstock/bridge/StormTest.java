package dev.penstock.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.contracts.log.LogEvent;
import dev.penstock.contracts.log.LogReader;
import dev.penstock.contracts.log.Transaction;
import dev.penstock.stack.ChildKafkaBroker;
import dev.penstock.stack.KafkaBroker;
import dev.penstock.stack.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Kills leader, standby, broker and Postgres under load, at seeded moments: what readers see is
/// what Postgres committed, in its order.
///
/// `-Dpenstock.storm=long` for 100 000 transactions and 36 kills and freezes (about 10 minutes),
/// `-Dpenstock.seed=…` for the moments of an earlier run.
class StormTest {
  private static final boolean LONG = "long".equals(System.getProperty("penstock.storm"));
  private static final int TRANSACTIONS = LONG ? 100_000 : 3_000;
  private static final int PER_SECOND = LONG ? 300 : 100;
  private static final Duration END = Duration.ofSeconds(LONG ? 300 : 60);

  @Test
  void readersSeeWhatPostgresCommittedInItsOrderWhateverIsKilled(@TempDir Path directory)
      throws Exception {
    long seed = Long.getLong("penstock.seed", System.nanoTime());
    System.out.println("StormTest: -Dpenstock.seed=" + seed);
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    try (PostgresServer postgres = PostgresServer.start(directory.resolve("pg"), 0, Map.of());
        ChildKafkaBroker broker = KafkaBroker.startChild(directory.resolve("kafka"))) {
      postgres.createDatabase("storm");
      try (TestBridge bridge =
              new TestBridge(
                  postgres.jdbcUrl("storm"), broker.bootstrapServers(), TestBridge.storm());
          Connection connection = bridge.connect();
          Storm storm = new Storm(bridge, postgres, broker, directory, random)) {
        Oracle oracle = new Oracle(connection, "oracle");
        storm.begin();
        try (LiveLog log = new LiveLog(bridge);
            LiveTopics topics = new LiveTopics(bridge);
            StormLoad load = new StormLoad(bridge, seed, PER_SECOND)) {
          // When
          storm.rage(Storm.deeds(LONG, random), load, TRANSACTIONS);
          load.finish();

          // Then
          verify(bridge, oracle, log, topics, storm);
        }
      }
    }
  }

  private static void verify(
      TestBridge bridge, Oracle oracle, LiveLog log, LiveTopics topics, Storm storm)
      throws Exception {
    List<Oracle.Committed> expected;
    // Postgres was killed, and the connection of before with it.
    try (Connection connection = bridge.connect()) {
      Sql.commit(connection, "insert into fact values (0, 'p', 'last')");
      expected = oracle.committed(connection);
    }
    Map<String, List<String>> inTopics = LiveTopics.expected(expected);
    long records = inTopics.values().stream().mapToLong(List::size).sum();
    int changes = expected.stream().mapToInt(transaction -> transaction.changes().size()).sum();
    long last = expected.getLast().txid();
    await().atMost(END).until(() -> log.releasedAt(last) > 0);
    await().atMost(END).until(() -> topics.count() >= records);
    System.out.printf(
        "StormTest: %d transactions, %d changes, %d records; %s; %d claims, %d records ignored,"
            + " gaps seen and healed: %s%n",
        expected.size(), changes, records, storm.done(), log.claims(), log.ignored(), log.gaps());

    List<Oracle.Committed> live = log.released();
    List<Oracle.Committed> load = live.subList(live.size() - expected.size(), live.size());
    requireEqual("the live reader", expected, load);
    requireEqual("a fresh reader", expected, fresh(bridge, expected.getFirst(), last));
    Map<String, List<String>> seen = topics.seen();
    assertThat(seen.keySet()).isEqualTo(inTopics.keySet());
    inTopics.forEach((partition, lines) ->
        requireEqual(partition, lines, seen.getOrDefault(partition, List.of())));
    // Some were rolled back, or had no effect.
    assertThat(expected.size()).isGreaterThan(TRANSACTIONS * 8 / 10);
  }

  private static List<Oracle.Committed> fresh(TestBridge bridge, Oracle.Committed from, long to) {
    List<Oracle.Committed> all = new java.util.ArrayList<>();
    try (LogReader reader = bridge.reader()) {
      long deadline = System.nanoTime() + END.toNanos();
      while (System.nanoTime() < deadline) {
        for (LogEvent event : reader.poll(Duration.ofMillis(100))) {
          if (event instanceof Transaction transaction
              && transaction.commitLsn() >= from.endLsn()) {
            all.add(LiveLog.seen(transaction));
            if (transaction.txid() == to) {
              return all;
            }
          }
        }
      }
    }
    throw new AssertionError("the last of " + all.size() + " transactions did not come");
  }

  /// The first difference says more than two lists of 100 000.
  private static <T> void requireEqual(String who, List<T> expected, List<T> seen) {
    for (int i = 0; i < Math.min(expected.size(), seen.size()); i++) {
      assertThat(seen.get(i)).as("what %s saw at %d", who, i).isEqualTo(expected.get(i));
    }
    assertThat(seen.size()).as("how many %s saw", who).isEqualTo(expected.size());
  }
}
