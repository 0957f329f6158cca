package dev.penstock.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.contracts.log.Lsn;
import dev.penstock.contracts.log.Transaction;
import dev.penstock.stack.ChildKafkaBroker;
import dev.penstock.stack.KafkaBroker;
import dev.penstock.stack.TestStack;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestartTest {

  @Test
  void nothingOfATransactionThatWasOpenOverARestartIsLost() throws Exception {
    try (TestBridge bridge = TestBridge.onSharedStack(TestBridge.fact());
        Connection a = bridge.connect();
        Connection b = bridge.connect()) {
      bridge.startAndLead();
      // Given: with Debezium's own offset, b1 and b2 are lost here.
      long open = Sql.open(b, "insert into fact values (1, 'b', 'b1')");
      long before = Sql.commit(a, "insert into fact values (10, 'a', 'a1')");
      Sql.open(
          b, "insert into fact values (2, 'b', 'b2')", "insert into fact values (3, 'b', 'b3')");
      bridge.transactionsUntil(before);
      bridge.stop();

      // When
      b.commit();
      long after = Sql.commit(a, "insert into fact values (11, 'a', 'a2')");
      bridge.startAndLead();

      // Then
      List<Transaction> all = bridge.transactionsUntil(after);
      assertThat(all).extracting(Transaction::txid).endsWith(before, open, after);
      assertThat(Changes.of(all, open)).containsExactly("I 1,b,b1", "I 2,b,b2", "I 3,b,b3");
    }
  }

  @Test
  void theSlotFollowsTheLogAndOtherTablesTraffic() throws Exception {
    try (TestBridge bridge = TestBridge.onSharedStack("create table aside (id int)");
        Connection connection = bridge.connect()) {
      bridge.startAndLead();
      Sql.run(connection, "insert into aside select generate_series(1, 10000)");
      long written = Lsn.parse(Sql.text(connection, "select pg_current_wal_lsn()"));

      await()
          .atMost(Duration.ofSeconds(15))
          .untilAsserted(
              () -> assertThat(confirmed(connection, bridge)).isGreaterThanOrEqualTo(written));
    }
  }

  @Test
  void aStandbyTakesOverWhenTheLeaderStops() throws Exception {
    try (TestBridge bridge = TestBridge.onSharedStack(TestBridge.fact());
        Connection connection = bridge.connect()) {
      bridge.startAndLead();
      try (var standby = BridgeApplication.start(bridge.properties())) {
        BridgeStatus status = standby.getBean(BridgeStatus.class);
        long first = Sql.commit(connection, "insert into fact values (1, 'p', 'a')");
        assertThat(status.state()).isInstanceOf(BridgeStatus.Standby.class);

        bridge.stop();
        status.awaitLeading(Duration.ofSeconds(15));

        long second = Sql.commit(connection, "insert into fact values (2, 'p', 'b')");
        assertThat(bridge.transactionsUntil(second))
            .extracting(Transaction::txid)
            .endsWith(first, second);
      }
    }
  }

  @Test
  void itStopsWithinSecondsWhileKafkaIsAway(@TempDir Path directory) throws Exception {
    try (ChildKafkaBroker broker = KafkaBroker.startChild(directory);
        TestBridge bridge =
            new TestBridge(TestStack.newDatabase(), broker.bootstrapServers(), TestBridge.fact());
        Connection connection = bridge.connect()) {
      bridge.startAndLead();
      bridge.transactionsUntil(Sql.commit(connection, "insert into fact values (1, 'p', 'a')"));
      broker.kill();
      Sql.commit(connection, "insert into fact values (2, 'p', 'b')");

      long began = System.nanoTime();
      bridge.stop();
      Duration took = Duration.ofNanos(System.nanoTime() - began);

      System.out.println("RestartTest: stopped in " + took);
      assertThat(took).isLessThan(Duration.ofSeconds(7));
      await()
          .atMost(Duration.ofSeconds(5))
          .untilAsserted(() ->
              assertThat(Thread.getAllStackTraces().keySet())
                  .extracting(Thread::getName)
                  .doesNotContain("penstock-bridge", "penstock-router"));
    }
  }

  @Test
  void itStopsWithinSecondsWhileItWaitsForKafkaToLead() throws Exception {
    // Nothing listens there.
    try (TestBridge bridge = new TestBridge(TestStack.newDatabase(), "127.0.0.1:1")) {
      bridge.start();
      await()
          .atMost(TestBridge.PATIENCE)
          .until(() ->
              Thread.getAllStackTraces().values().stream()
                  .flatMap(Arrays::stream)
                  .anyMatch(frame -> frame.getClassName().equals(Term.class.getName())));

      long began = System.nanoTime();
      bridge.stop();

      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(7));
      assertThat(Thread.getAllStackTraces().keySet())
          .extracting(Thread::getName)
          .doesNotContain("penstock-bridge");
    }
  }

  private static long confirmed(Connection connection, TestBridge bridge) throws Exception {
    return Lsn.parse(
        Sql.text(
            connection,
            "select confirmed_flush_lsn from pg_replication_slots where slot_name = '"
                + bridge.name
                + "'"));
  }
}
