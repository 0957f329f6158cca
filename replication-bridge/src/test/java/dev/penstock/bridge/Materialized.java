package dev.penstock.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.contracts.log.LogEntry;
import dev.penstock.contracts.log.LogEvent;
import dev.penstock.contracts.log.LogReader;
import dev.penstock.contracts.log.Relation;
import dev.penstock.contracts.log.Transaction;
import dev.penstock.contracts.log.Tuple;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// What a reader of the log holds in the end, by table and primary key; and how it came to it.
final class Materialized {
  final Map<String, Map<String, String>> tables = new TreeMap<>();
  final List<LogEvent.Opened> opened = new ArrayList<>();
  final List<String> messages = new ArrayList<>();

  /// Rows that came although they were there, or went although they were not.
  final List<String> repeated = new ArrayList<>();

  /// Until a later claim healed them.
  final List<String> gaps = new ArrayList<>();

  int snapshots;
  int snapshotRows;

  /// Reads until the transaction `txid` of the last generation has come.
  static Materialized until(TestBridge bridge, long txid) {
    return until(bridge, txid, 1);
  }

  /// The same, in the given generation at the earliest, counted from 1.
  static Materialized until(TestBridge bridge, long txid, int generation) {
    Materialized all = new Materialized();
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    try (LogReader reader = bridge.reader()) {
      while (System.nanoTime() < deadline) {
        for (LogEvent event : reader.poll(Duration.ofMillis(100))) {
          switch (event) {
            case Transaction transaction -> {
              all.apply(transaction);
              if (transaction.txid() == txid && all.opened.size() >= generation) {
                return all;
              }
            }
            case LogEvent.Opened opened -> all.opened.add(opened);
            case LogEvent.Gap(String reason) -> all.gaps.add(reason);
            case LogEvent.Claimed _, LogEvent.Progressed _ -> {}
          }
        }
      }
    }
    throw new AssertionError("the transaction " + txid + " did not come; opened: " + all.opened);
  }

  private void apply(Transaction transaction) {
    if (transaction.snapshot()) {
      snapshots++;
      tables.clear();
    }
    transaction.forEach(entry -> {
      switch (entry) {
        case LogEntry.Insert(Relation relation, Tuple row) -> put(relation, row, true);
        case LogEntry.SnapshotRow(Relation relation, Tuple row) -> {
          snapshotRows++;
          put(relation, row, true);
        }
        case LogEntry.Update update -> put(update.relation(), update.row(), false);
        case LogEntry.Delete(Relation relation, Tuple old) -> {
          if (rows(relation).remove(key(relation, old)) == null) {
            repeated.add("delete of " + key(relation, old));
          }
        }
        case LogEntry.Truncate truncate ->
            truncate.relations().forEach(relation -> rows(relation).clear());
        case LogEntry.Message(String prefix, byte[] content) ->
            messages.add(prefix + " " + new String(content, UTF_8));
        case LogEntry.Oversize oversize ->
            rows(oversize.relation()).put(key(oversize.relation(), oversize.key()), "oversize");
        case LogEntry.Ddl _ -> {}
      }
    });
  }

  private void put(Relation relation, Tuple row, boolean absent) {
    String before = rows(relation).put(key(relation, row), text(row));
    if ((before == null) != absent) {
      repeated.add(relation.table() + " " + key(relation, row));
    }
  }

  private Map<String, String> rows(Relation relation) {
    return tables.computeIfAbsent(relation.table(), _ -> new TreeMap<>());
  }

  private static String key(Relation relation, Tuple row) {
    return IntStream.of(relation.keyColumns()).mapToObj(row::text).collect(Collectors.joining(","));
  }

  private static String text(Tuple row) {
    return IntStream.range(0, row.size())
        .mapToObj(i -> String.valueOf(row.text(i)))
        .collect(Collectors.joining("|"));
  }

  /// A few of the entries in which two differ.
  static List<String> differences(Map<String, String> one, Map<String, String> other) {
    return java.util.stream.Stream.concat(one.keySet().stream(), other.keySet().stream())
        .distinct()
        .filter(key -> !java.util.Objects.equals(one.get(key), other.get(key)))
        .limit(10)
        .map(key -> key + ": " + one.get(key) + " and " + other.get(key))
        .toList();
  }

  /// That of `fact` differs so from the table.
  List<String> differences(Connection connection) throws SQLException {
    return differences(tables.getOrDefault("fact", Map.of()), selected(connection, "fact"));
  }

  /// The same of the table itself.
  static Map<String, String> selected(Connection connection, String table) throws SQLException {
    Map<String, String> rows = new TreeMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select * from " + table)) {
      int columns = row.getMetaData().getColumnCount();
      while (row.next()) {
        List<String> texts = new ArrayList<>();
        for (int i = 1; i <= columns; i++) {
          texts.add(String.valueOf(row.getString(i)));
        }
        rows.put(texts.getFirst(), String.join("|", texts));
      }
    }
    return rows;
  }
}
