package dev.penstock.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.contracts.log.LogEntry;
import dev.penstock.contracts.log.Relation;
import dev.penstock.contracts.log.Transaction;
import dev.penstock.contracts.log.Tuple;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// Tables change while they are written to. Every value says the name of the column that it was
/// written to, so the log can be checked by itself: a value under another name is mislabelled.
class SchemaChangeTest {
  private static final int WRITERS = 2;

  /// Each makes its change, and with it the next form of what the writers call.
  private static final List<String[]> CHANGES =
      List.of(
          change(
              "alter table live add column b text default 'b:0'",
              "id, a, n, b",
              "'a:'||i, 7, 'b:'||i"),
          change("alter table live drop column a", "id, n, b", "7, 'b:'||i"),
          change("alter table live rename column b to c", "id, n, c", "7, 'c:'||i"),
          change(
              "alter table live alter column n type text using 'n:' || n",
              "id, n, c",
              "'n:'||i, 'c:'||i"),
          change("alter table live add column a text", "id, n, c, a", "'n:'||i, 'c:'||i, 'a:'||i"),
          change("truncate live", "id, n, c, a", "'n:'||i, 'c:'||i, 'a:'||i"),
          change("alter table live rename column n to \"wéird \"\"name\"", "id, c", "'c:'||i"),
          change(
              "create table fresh (id bigint primary key, f text);"
                  + " do $x$ begin execute format('alter publication %I add table fresh',"
                  + " (select pubname from pg_publication)); end $x$;"
                  + " insert into fresh values (1, 'f:1')",
              "id, c", "'c:'||i"));

  @Test
  void changesUnderLoadLoseNothingMislabelNothingAndStandInTheLog() throws Exception {
    try (TestBridge bridge =
            TestBridge.onSharedStack(
                "create table live (id bigint primary key, a text, n int)",
                "alter table live replica identity full",
                put("id, a, n", "'a:'||i, 7"));
        Connection connection = bridge.connect();
        ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor()) {
      Sql.run(connection, "alter publication " + bridge.name + " add table live");
      bridge.startAndLead();
      AtomicLong ids = new AtomicLong();
      AtomicBoolean stop = new AtomicBoolean();
      Set<Long> committed = new ConcurrentSkipListSet<>();
      List<Future<?>> load = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        load.add(writers.submit(() -> write(bridge, ids, committed, stop)));
      }

      // When
      List<Long> changed = new ArrayList<>();
      for (String[] change : CHANGES) {
        long before = committed.size();
        await().atMost(TestBridge.PATIENCE).until(() -> committed.size() > before + 20);
        changed.add(Sql.commit(connection, change));
      }
      long before = committed.size();
      await().atMost(TestBridge.PATIENCE).until(() -> committed.size() > before + 20);
      stop.set(true);
      for (Future<?> writer : load) {
        writer.get();
      }
      long last = Sql.commit(connection, "delete from live");

      // Then
      List<Transaction> log = bridge.transactionsUntil(last);
      Set<Long> seen = new TreeSet<>();
      for (Transaction transaction : log) {
        transaction.forEach(entry -> {
          if (entry instanceof LogEntry.Insert(Relation relation, Tuple row)) {
            requireLabelled(relation, row);
            if (relation.table().equals("live")) {
              assertThat(seen.add(Long.parseLong(String.valueOf(row.text(0))))).isTrue();
            }
          }
        });
      }
      assertThat(seen).isEqualTo(committed);
      for (int i = 0; i < CHANGES.size(); i++) {
        List<String> entries = Changes.of(log, changed.get(i));
        String what = CHANGES.get(i)[0];
        if (what.startsWith("truncate")) {
          assertThat(entries).containsExactly("T live false false");
        } else {
          assertThat(entries).as(what).anyMatch(entry -> entry.startsWith("ddl "));
        }
      }
      assertThat(Changes.of(log, changed.getLast())).contains("I 1,f:1");
      assertThat(lastRelation(log).columns())
          .extracting(c -> c.name() + " " + c.type())
          .containsExactly("id int8", "wéird \"name text", "c text", "a text");
    }
  }

  private static void requireLabelled(Relation relation, Tuple row) {
    for (int i = 1; i < row.size(); i++) {
      String value = row.text(i);
      Relation.Column column = relation.columns().get(i);
      if (value == null) {
        continue;
      }
      if (column.type().equals("int4")) {
        assertThat(value).isEqualTo("7");
        continue;
      }
      // A call that began before the column became text still writes a number into it.
      boolean number = column.name().equals("n") && value.equals("7");
      assertThat(number ? "n:" : value).startsWith(column.name() + ":");
    }
    assertThat(relation.columns().getFirst().keyIndex()).isZero();
  }

  private static Relation lastRelation(List<Transaction> log) {
    List<Relation> found = new ArrayList<>();
    log.getLast()
        .forEach(entry -> {
          if (entry instanceof LogEntry.Delete delete) {
            found.add(delete.relation());
          }
        });
    return found.getLast();
  }

  private static void write(
      TestBridge bridge, AtomicLong ids, Set<Long> committed, AtomicBoolean stop) {
    try (Connection connection = bridge.connect()) {
      while (!stop.get()) {
        long id = ids.incrementAndGet();
        try {
          Sql.run(connection, "call put(" + id + ")");
          committed.add(id);
        } catch (SQLException e) {
          // Its table changed between the reading of the function and its run.
          assertThat(e.getSQLState()).isIn("42703", "42804", "XX000", "40P01", "0A000");
        }
        java.util.concurrent.locks.LockSupport.parkNanos(2_000_000);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String[] change(String ddl, String columns, String values) {
    return new String[] {ddl, put(columns, values)};
  }

  private static String put(String columns, String values) {
    return "create or replace procedure put(i bigint) language plpgsql as $$ begin insert into live ("
        + columns
        + ") values (i, "
        + values
        + "); end $$";
  }
}
