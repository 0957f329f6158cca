package dev.penstock.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.contracts.log.Transaction;
import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Transactions that are open at once.
class InterleavingTest {
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
  void interleavedTransactionsArriveWholeAndInCommitOrder() throws Exception {
    try (Connection one = bridge.connect();
        Connection two = bridge.connect();
        Connection three = bridge.connect()) {
      long a = Sql.open(one, "insert into fact values (1, 'a', '1')");
      long b = Sql.open(two, "insert into fact values (2, 'b', '1')", "savepoint s");
      Sql.open(two, "insert into fact values (3, 'b', 'undone')");
      long c =
          Sql.open(three, "insert into fact select 100 + i, 'c', '' from generate_series(1, 50) i");
      Sql.open(one, "insert into fact values (4, 'a', '2')");
      Sql.open(two, "rollback to s", "insert into fact values (5, 'b', '2')", "savepoint s2");
      three.commit();
      Sql.open(two, "update fact set body = '3' where id = 5", "release s2");
      two.commit();
      Sql.open(
          one, "select pg_logical_emit_message(true, 'm', 'a')", "delete from fact where id = 4");
      one.commit();

      List<Transaction> all = bridge.transactionsUntil(a);
      assertThat(all.stream().map(Transaction::txid).filter(List.of(a, b, c)::contains))
          .containsExactly(c, b, a);
      assertThat(Changes.of(all, c)).hasSize(50);
      assertThat(Changes.of(all, b)).containsExactly("I 2,b,1", "I 5,b,2", "U 5,b,2 -> 5,b,3");
      assertThat(Changes.of(all, a)).containsExactly("I 1,a,1", "I 4,a,2", "M m a", "D 4,a,2");
    }
  }

  @Test
  void transactionsThatConcernNoPublishedTableAreNotInTheLog() throws Exception {
    try (Connection connection = bridge.connect()) {
      Sql.run(connection, "create table aside (id int)");
      long before = Sql.commit(connection, "insert into fact values (20, 'p', '')");
      long aside = Sql.commit(connection, "insert into aside values (1)");
      long undone =
          Sql.commit(
              connection,
              "savepoint s",
              "insert into fact values (21, 'p', '')",
              "rollback to savepoint s");
      long after = Sql.commit(connection, "insert into fact values (22, 'p', '')");

      List<Transaction> all = bridge.transactionsUntil(after);
      assertThat(all).extracting(Transaction::txid).doesNotContain(aside, undone);
      Transaction first = all.stream().filter(t -> t.txid() == before).findFirst().orElseThrow();
      assertThat(all.getLast().number()).isEqualTo(first.number() + 1);
    }
  }
}
