package dev.penstock.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.contracts.log.Transaction;
import java.sql.Connection;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class GenerationTest {

  @Test
  void aDatabaseWithRowsIsAdoptedUnderLoad() throws Exception {
    long seed = Long.getLong("penstock.seed", System.nanoTime());
    System.out.println("GenerationTest: -Dpenstock.seed=" + seed);
    try (TestBridge bridge = TestBridge.onSharedStack(TestBridge.fact());
        Connection connection = bridge.connect()) {
      recreateSlot(
          connection,
          bridge,
          "insert into fact select i, 'old', repeat('x', 20) from generate_series(1, 20000) i");
      FactLoad load = new FactLoad(bridge, seed, 3);
      try (load) {
        await().atMost(Duration.ofSeconds(30)).until(() -> load.commits.get() > 100);

        // When
        bridge.startAndLead();

        long led = load.commits.get();
        await().atMost(Duration.ofSeconds(30)).until(() -> load.commits.get() > led + 100);
      }
      long messages = load.commits.get();
      long last = Sql.commit(connection, "insert into fact values (0, 'last', '')");

      // Then
      Materialized log = Materialized.until(bridge, last);
      assertThat(log.opened).hasSize(1);
      assertThat(log.opened.getFirst().origin().reason()).contains("older than the replication");
      assertThat(log.snapshotRows).isGreaterThanOrEqualTo(20_000);
      assertThat(log.repeated).isEmpty();
      assertThat(log.differences(connection)).isEmpty();
      // Of the time before the snapshot, too.
      assertThat(log.messages).hasSize((int) messages).doesNotHaveDuplicates();
      assertThat(KeyedState.ofFact(bridge, connection).wrong).isEmpty();
    }
  }

  @Test
  void rowsThatTheSlotWillShowNeedNoSnapshot() throws Exception {
    try (TestBridge bridge = TestBridge.onSharedStack(TestBridge.fact());
        Connection connection = bridge.connect()) {
      long first = Sql.commit(connection, "insert into fact values (1, 'p', 'a')");

      bridge.startAndLead();

      assertThat(bridge.transactionsUntil(first)).noneMatch(Transaction::snapshot);
      assertThat(Changes.of(bridge.transactionsUntil(first), first)).containsExactly("I 1,p,a");
    }
  }

  @Test
  void aDroppedSlotOpensAGenerationEachTime() throws Exception {
    try (TestBridge bridge = TestBridge.onSharedStack(TestBridge.fact());
        Connection connection = bridge.connect()) {
      Sql.commit(connection, "insert into fact values (1, 'p', 'a'), (2, 'p', e'b\\tc\\n\\\\d')");
      bridge.startAndLead();
      for (int round = 0; round < 3; round++) {
        bridge.transactionsUntil(
            Sql.commit(
                connection, "insert into fact values (%d, 'p', null)".formatted(10 + round)));
        bridge.stop();
        // As the migrations made it, and as the bridge did.
        assertThat(failover(connection, bridge)).isEqualTo("t");
        dropSlot(connection, bridge);
        // No slot shows this.
        Sql.commit(connection, "update fact set body = 'round %d' where id = 1".formatted(round));
        bridge.startAndLead();
      }
      long last = Sql.commit(connection, "insert into fact values (0, 'last', '')");

      Materialized log = Materialized.until(bridge, last);
      assertThat(log.snapshots).isEqualTo(3);
      assertThat(log.opened).hasSize(4);
      assertThat(log.opened.getLast().origin().reason()).contains("slot was gone");
      assertThat(KeyedState.ofFact(bridge, connection).wrong).isEmpty();
      assertThat(log.differences(connection)).isEmpty();
      assertThat(log.repeated).isEmpty();
    }
  }

  @Test
  void aSlotAheadOfTheLogOpensAGeneration() throws Exception {
    try (TestBridge bridge = TestBridge.onSharedStack(TestBridge.fact());
        Connection connection = bridge.connect()) {
      bridge.startAndLead();
      bridge.transactionsUntil(Sql.commit(connection, "insert into fact values (1, 'p', 'a')"));
      bridge.stop();
      Sql.commit(connection, "insert into fact values (2, 'p', 'b')");
      await()
          .atMost(TestBridge.PATIENCE)
          .ignoreExceptions()
          .until(() -> {
            Sql.run(
                connection,
                "select pg_replication_slot_advance('" + bridge.name + "', pg_current_wal_lsn())");
            return true;
          });

      bridge.startAndLead();

      long last = Sql.commit(connection, "insert into fact values (0, 'last', '')");
      Materialized log = Materialized.until(bridge, last);
      assertThat(log.opened.getLast().origin().reason()).contains("the log lost its tail");
      assertThat(log.differences(connection)).isEmpty();
    }
  }

  @Test
  void theValuesOfASnapshotAreThoseOfTheStream() throws Exception {
    String[] types = {
      "create table kinds (id int primary key, b bool, c char(5), n numeric(10,2), by bytea,"
          + " i interval, ts timestamptz, f float8, a text[], t text, d date)",
      "alter table kinds replica identity full",
      "do $$ begin execute format('alter publication %I add table kinds',"
          + " (select pubname from pg_publication)); end $$"
    };
    try (TestBridge bridge = TestBridge.onSharedStack(types);
        Connection connection = bridge.connect()) {
      bridge.startAndLead();
      long streamed =
          Sql.commit(
              connection,
              "insert into kinds values (1, true, 'ab', 1.5, '\\x00ff09', '1 day 02:03', 'now',"
                  + " 0.1::float8 + 0.2, array['x', null, 'a\"b'], e'\\t\\n\\\\\\\\N\\r\\v',"
                  + " 'infinity'), (2, null, null, null, null, null, null, null, null, '\\N', null)");
      var stream = Changes.of(bridge.transactionsUntil(streamed), streamed);
      bridge.stop();
      dropSlot(connection, bridge);

      bridge.startAndLead();

      Transaction snapshot = bridge.transactionsUntil(Transaction::snapshot).getLast();
      assertThat(Changes.of(java.util.List.of(snapshot), snapshot.txid()))
          .containsExactlyElementsOf(
              stream.stream().map(row -> row.replaceFirst("^I", "S")).toList());
    }
  }

  private static String failover(Connection connection, TestBridge bridge) throws Exception {
    return Sql.text(
        connection,
        "select failover from pg_replication_slots where slot_name = '" + bridge.name + "'");
  }

  /// As if the rows had been there before Penstock was.
  static void recreateSlot(Connection connection, TestBridge bridge, String before)
      throws Exception {
    dropSlot(connection, bridge);
    Sql.run(connection, before);
    Sql.run(
        connection, "select pg_create_logical_replication_slot('" + bridge.name + "', 'pgoutput')");
  }

  /// The walsender of a bridge that has stopped lingers for a moment.
  static void dropSlot(Connection connection, TestBridge bridge) {
    await()
        .atMost(TestBridge.PATIENCE)
        .ignoreExceptions()
        .until(() -> {
          Sql.run(connection, "select pg_drop_replication_slot('" + bridge.name + "')");
          return true;
        });
  }
}
