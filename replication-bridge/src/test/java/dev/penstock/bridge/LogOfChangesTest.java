package dev.penstock.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.contracts.log.LogEntry;
import dev.penstock.contracts.log.Relation;
import dev.penstock.contracts.log.Transaction;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.StringReader;
import java.sql.Connection;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.postgresql.copy.CopyManager;
import org.postgresql.core.BaseConnection;

class LogOfChangesTest {
  private static TestBridge bridge;

  @BeforeAll
  static void start() throws Exception {
    bridge = TestBridge.onSharedStack(TestBridge.fact());
    bridge.startAndLead();
  }

  @AfterAll
  static void stop() {
    bridge.close();
  }

  @Test
  void everyKindOfChangeArrivesWithTheTxidOfItsTransaction() throws Exception {
    try (Connection connection = bridge.connect()) {
      // When
      long inserted =
          Sql.commit(connection, "insert into fact values (1, 'p', 'a'), (2, 'p', null)");
      long updated = Sql.commit(connection, "update fact set body = 'b' where id = 1");
      long deleted = Sql.commit(connection, "delete from fact where id = 2");
      long truncated = Sql.commit(connection, "truncate fact restart identity");

      // Then
      List<Transaction> all = bridge.transactionsUntil(truncated);
      assertThat(Changes.of(all, inserted)).containsExactly("I 1,p,a", "I 2,p,null");
      assertThat(Changes.of(all, updated)).containsExactly("U 1,p,a -> 1,p,b");
      assertThat(Changes.of(all, deleted)).containsExactly("D 2,p,null");
      assertThat(Changes.of(all, truncated)).containsExactly("T fact false true");
      assertThat(all).extracting(Transaction::commitLsn).isSorted().doesNotHaveDuplicates();
      assertThat(all).extracting(Transaction::number).isSorted().doesNotHaveDuplicates();
    }
  }

  @Test
  void relationsCarryTypesKeyAndNullability() throws Exception {
    try (Connection connection = bridge.connect()) {
      long txid =
          Sql.commit(
              connection,
              "create type mood as enum ('calm', 'wild')",
              "create table typed (b int, a uuid, c numeric(10,2) not null, d text[], e mood,"
                  + " f varchar(7), primary key (a, b))",
              "alter publication " + bridge.name + " add table typed",
              "insert into typed values (1, gen_random_uuid(), 1, '{x}', 'wild', 'f')");
      List<LogEntry> entries = Changes.entries(bridge.transactionsUntil(txid), txid);

      Relation relation =
          entries.stream()
              .filter(LogEntry.Insert.class::isInstance)
              .map(entry -> ((LogEntry.Insert) entry).relation())
              .findFirst()
              .orElseThrow();
      assertThat(relation.columns())
          .extracting(c ->
              "%s %s %s %d %d %b %d"
                  .formatted(
                      c.name(),
                      c.type(),
                      c.typeKind(),
                      c.typeModifier(),
                      c.dimensions(),
                      c.notNull(),
                      c.keyIndex()))
          .containsExactly(
              "b int4 b -1 0 true 1",
              "a uuid b -1 0 true 0",
              "c numeric b 655366 0 true -1",
              "d text b -1 1 false -1",
              "e mood e -1 0 false -1",
              "f varchar b 11 0 false -1");
      assertThat(entries.stream().filter(LogEntry.Ddl.class::isInstance)).isNotEmpty();
    }
  }

  @Test
  void whatWasRolledBackIsNotThere() throws Exception {
    try (Connection connection = bridge.connect()) {
      long rolledBack = Sql.open(connection, "insert into fact values (10, 'p', 'never')");
      connection.rollback();
      long kept =
          Sql.commit(
              connection,
              "insert into fact values (11, 'p', 'a')",
              "savepoint s",
              "insert into fact values (12, 'p', 'b')",
              "rollback to savepoint s",
              "savepoint t",
              "insert into fact values (13, 'p', 'c')",
              "release savepoint t");

      List<Transaction> all = bridge.transactionsUntil(kept);
      assertThat(all).extracting(Transaction::txid).doesNotContain(rolledBack);
      assertThat(Changes.of(all, kept)).containsExactly("I 11,p,a", "I 13,p,c");
    }
  }

  @Test
  void rowsOfCopyAndMultiRowInsertAllArrive() throws Exception {
    try (Connection connection = bridge.connect()) {
      connection.setAutoCommit(false);
      String rows =
          IntStream.range(0, 500)
              .mapToObj(i -> (1_000 + i) + "\tp\tcopied\n")
              .collect(Collectors.joining());
      new CopyManager(connection.unwrap(BaseConnection.class))
          .copyIn("copy fact from stdin", new StringReader(rows));
      long copied = Sql.commit(connection);
      long inserted =
          Sql.commit(
              connection,
              "insert into fact select 2000 + i, 'p', 'x' from generate_series(0, 499) i");

      List<Transaction> all = bridge.transactionsUntil(inserted);
      assertThat(Changes.of(all, copied)).hasSize(500).doesNotHaveDuplicates();
      assertThat(Changes.of(all, inserted)).hasSize(500).doesNotHaveDuplicates();
    }
  }

  @Test
  void messagesStandAtTheirPlaceAndOnlyTransactionalOnesCount() throws Exception {
    try (Connection connection = bridge.connect()) {
      Sql.run(connection, "select pg_logical_emit_message(false, 'aside', 'x')");
      long txid =
          Sql.commit(
              connection,
              "insert into fact values (20, 'p', 'a')",
              "select pg_logical_emit_message(true, 'any', 'between')",
              "insert into fact values (21, 'p', 'b')");

      List<Transaction> all = bridge.transactionsUntil(txid);
      assertThat(Changes.of(all, txid)).containsExactly("I 20,p,a", "M any between", "I 21,p,b");
      assertThat(all.stream().flatMap(t -> Changes.of(List.of(t), t.txid()).stream()))
          .noneMatch(change -> change.startsWith("M aside"));
    }
  }

  @Test
  void messagesThatNoReaderCouldTakeAreLeftOutAndTheLogGoesOn() throws Exception {
    try (Connection connection = bridge.connect()) {
      long txid =
          Sql.commit(
              connection,
              "select pg_logical_emit_message(true, 'penstock.ddl', repeat('x', 35000000))",
              "select pg_logical_emit_message(true, 'penstock.ddl', 'x')",
              "select pg_logical_emit_message(true, 'penstock.ddl', '[]')",
              "select pg_logical_emit_message(true, 'penstock.ddl', '\\xfeff007b007d'::bytea)",
              "select pg_logical_emit_message(true, repeat('x', 35000000), 'x')",
              "select pg_logical_emit_message(true, 'penstock.ddl', '{}')",
              "insert into fact values (40, 'p', 'a')");

      assertThat(Changes.of(bridge.transactionsUntil(txid), txid))
          .containsExactly("ddl {}", "I 40,p,a");
      assertThat(ignored("invalid ddl")).isEqualTo(4);
      assertThat(ignored("long prefix")).isEqualTo(1);
    }
  }

  private static double ignored(String reason) {
    return bridge
        .bean(MeterRegistry.class)
        .counter("penstock.bridge.ignored", "reason", reason)
        .count();
  }

  @Test
  void unchangedToastIsFilledFromTheOldRow() throws Exception {
    try (Connection connection = bridge.connect()) {
      Sql.run(
          connection,
          "insert into fact select 30, 'p', string_agg(md5(i::text), '') from"
              + " generate_series(1, 32768) i");
      long txid = Sql.commit(connection, "update fact set part = 'q' where id = 30");

      var update =
          (LogEntry.Update) Changes.entries(bridge.transactionsUntil(txid), txid).getFirst();
      assertThat(update.row().isUnchanged(2)).isFalse();
      assertThat(update.row().length(2)).isEqualTo(1 << 20);
      assertThat(update.row().text(2))
          .isEqualTo(Sql.text(connection, "select body from fact where id = 30"));
    }
  }
}
