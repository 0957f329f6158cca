package dev.penstock.replay;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The rows as they were at the end, as lines of JSON: those of a conversation, not those of a
/// database, since they are held in memory. It begins anew each time.
final class RowsTarget implements Target {
  private static final long MAX_BYTES = 64L << 20;

  private final @Nullable Path file;
  private final PrintStream out;
  private final Map<String, Map<String, JsonNode>> tables = new LinkedHashMap<>();
  private final Map<String, Long> sizes = new LinkedHashMap<>();
  private long bytes;

  /// @param file null for `out`
  RowsTarget(@Nullable Path file, PrintStream out) {
    this.file = file;
    this.out = out;
  }

  @Override
  public Optional<Position> position() {
    return Optional.empty();
  }

  @Override
  public void accept(ArchiveRecord record, Replayed change) {
    switch (change) {
      case Replayed.Row(Change row) -> put(record, row, Objects.requireNonNull(row.after()));
      case Replayed.Gone(Change row) -> remove(record, row);
      case Replayed.Truncated(Change row, boolean first) -> {
        Map<String, JsonNode> gone = first ? tables.remove(row.qualified()) : null;
        if (gone != null) {
          gone.keySet().forEach(key -> forget(row.qualified() + key));
        }
      }
      case Replayed.Event _ ->
          throw new ReplayException("Events are no rows: replay them without --as rows.");
    }
  }

  private void put(ArchiveRecord record, Change change, JsonNode row) {
    String key = key(record, row);
    Map<String, JsonNode> rows =
        tables.computeIfAbsent(change.qualified(), _ -> new LinkedHashMap<>());
    JsonNode known = rows.get(key);
    JsonNode merged = row;
    if (known instanceof ObjectNode before) {
      // A value that did not change may be left out.
      ObjectNode both = before.deepCopy();
      row.properties().forEach(field -> both.set(field.getKey(), field.getValue()));
      merged = both;
    }
    rows.put(key, merged);
    forget(change.qualified() + key);
    long size = record.bytes();
    sizes.put(change.qualified() + key, size);
    bytes += size;
    if (bytes > MAX_BYTES) {
      throw new ReplayException(
          "The rows do not fit into %d MiB of memory: narrow them with --table and --where, or replay --into a jdbc url."
              .formatted(MAX_BYTES >> 20));
    }
  }

  private void remove(ArchiveRecord record, Change change) {
    String key = key(record, Objects.requireNonNull(change.before()));
    Map<String, JsonNode> rows = tables.get(change.qualified());
    if (rows != null) {
      rows.remove(key);
    }
    forget(change.qualified() + key);
  }

  private void forget(String key) {
    Long size = sizes.remove(key);
    bytes -= size == null ? 0 : size;
  }

  /// A row without a primary key is told by its values.
  private static String key(ArchiveRecord record, JsonNode row) {
    byte[] key = record.record().key();
    return key == null ? row.toString() : new String(key, UTF_8);
  }

  @Override
  public void commit(Position position) {}

  @Override
  public void finish() {
    if (file == null) {
      print(out);
      out.flush();
      return;
    }
    Path beside = file.resolveSibling(file.getFileName() + ".part");
    try {
      try (PrintStream output = new PrintStream(beside.toFile(), UTF_8)) {
        print(output);
      }
      Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new ReplayException("The file " + file + " cannot be written: " + e.getMessage(), e);
    }
  }

  private void print(PrintStream output) {
    tables.forEach((table, rows) -> {
      for (JsonNode row : rows.values()) {
        ObjectNode line = Change.JSON.createObjectNode();
        line.put("table", table);
        line.set("row", row);
        output.println(line);
      }
    });
  }

  @Override
  public void close() {}
}
