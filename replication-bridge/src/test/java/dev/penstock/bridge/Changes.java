package dev.penstock.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.contracts.log.LogEntry;
import dev.penstock.contracts.log.Transaction;
import dev.penstock.contracts.log.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What transactions did, as texts to compare.
final class Changes {
  private Changes() {}

  static List<LogEntry> entries(List<Transaction> all, long txid) {
    List<LogEntry> entries = new ArrayList<>();
    all.stream().filter(t -> t.txid() == txid).forEach(t -> t.forEach(entries::add));
    return entries;
  }

  static List<String> of(List<Transaction> all, long txid) {
    return entries(all, txid).stream().map(Changes::text).toList();
  }

  static String text(LogEntry entry) {
    return switch (entry) {
      case LogEntry.Insert insert -> "I " + row(insert.row());
      case LogEntry.Update update -> "U " + row(update.old()) + " -> " + row(update.row());
      case LogEntry.Delete delete -> "D " + row(delete.old());
      case LogEntry.SnapshotRow row -> "S " + row(row.row());
      case LogEntry.Truncate t ->
          "T " + t.relations().getFirst().table() + " " + t.cascade() + " " + t.restartIdentity();
      case LogEntry.Message m -> "M " + m.prefix() + " " + new String(m.content(), UTF_8);
      case LogEntry.Ddl ddl -> "ddl " + ddl.command();
      case LogEntry.Oversize o -> "O " + o.operation();
    };
  }

  private static String row(@Nullable Tuple row) {
    return row == null
        ? "-"
        : IntStream.range(0, row.size())
            .mapToObj(i -> String.valueOf(row.text(i)))
            .collect(Collectors.joining(","));
  }
}
