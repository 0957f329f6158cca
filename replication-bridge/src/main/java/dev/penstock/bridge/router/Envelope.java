package dev.penstock.bridge.router;

import dev.penstock.contracts.log.Relation;
import dev.penstock.contracts.log.Relation.Column;
import dev.penstock.contracts.log.Transaction;
import dev.penstock.contracts.log.Tuple;
import io.debezium.connector.postgresql.Module;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;

/// Debezium's envelope as its JSON converter writes it without schemas. `source.lsn` is the commit
/// LSN: the log does not have the LSN of single rows.
final class Envelope {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String VERSION = Module.version();

  private final String name;
  private final String database;

  /// @param name the topics' prefix
  Envelope(String name, String database) {
    this.name = name;
    this.database = database;
  }

  /// The primary key's struct; null for a table without one.
  byte @Nullable [] key(Relation relation, Tuple row) {
    int[] columns = relation.keyColumns();
    if (columns.length == 0) {
      return null;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(64);
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      for (int column : columns) {
        value(json, relation.columns().get(column), column, row);
      }
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  /// @param op `c`, `u`, `d`, `r` or `t`
  byte[] value(
      Transaction transaction,
      Relation relation,
      String op,
      @Nullable Tuple before,
      @Nullable Tuple after) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(size(before) + size(after));
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      row(json, "before", relation, before);
      row(json, "after", relation, after);
      source(json, transaction, relation);
      json.writeNullProperty("transaction");
      json.writeStringProperty("op", op);
      times(json, System.currentTimeMillis() * 1_000);
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  private static int size(@Nullable Tuple row) {
    long bytes = row == null ? 0 : row.byteSize();
    return (int) Math.min(bytes + bytes / 16, TransactionRecords.MAX_VALUE_BYTES) + 512;
  }

  private void source(JsonGenerator json, Transaction transaction, Relation relation) {
    json.writeName("source");
    json.writeStartObject();
    json.writeStringProperty("version", VERSION);
    json.writeStringProperty("connector", "postgresql");
    json.writeStringProperty("name", name);
    json.writeStringProperty("snapshot", Boolean.toString(transaction.snapshot()));
    json.writeStringProperty("db", database);
    json.writeNullProperty("sequence");
    json.writeStringProperty("schema", relation.schema());
    json.writeStringProperty("table", relation.table());
    json.writeNumberProperty("txId", transaction.txid());
    json.writeNumberProperty("lsn", transaction.commitLsn());
    json.writeNullProperty("xmin");
    times(json, transaction.commitMicros());
    json.writeEndObject();
  }

  private static void times(JsonGenerator json, long micros) {
    json.writeNumberProperty("ts_ms", micros / 1_000);
    json.writeNumberProperty("ts_us", micros);
    json.writeNumberProperty("ts_ns", micros * 1_000);
  }

  private static void row(JsonGenerator json, String name, Relation relation, @Nullable Tuple row) {
    if (row == null) {
      json.writeNullProperty(name);
      return;
    }
    json.writeName(name);
    json.writeStartObject();
    for (int i = 0; i < relation.columns().size(); i++) {
      // An unchanged TOAST value that no old row had is left out: a placeholder would look like
      // data.
      if (!row.isUnchanged(i)) {
        value(json, relation.columns().get(i), i, row);
      }
    }
    json.writeEndObject();
  }

  private static void value(JsonGenerator json, Column column, int index, Tuple row) {
    json.writeName(column.name());
    if (row.length(index) < 0) {
      json.writeNull();
    } else if (Values.asText(column)) {
      // Not by way of a String, which can have twice the bytes.
      json.writeUTF8String(row.array(), row.start(index), row.length(index));
    } else {
      Values.write(json, column, java.util.Objects.requireNonNull(row.text(index)));
    }
  }
}
