package dev.penstock.bridge.router;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.bridge.BridgeMetrics;
import dev.penstock.contracts.Headers;
import dev.penstock.contracts.Outbox;
import dev.penstock.contracts.Partitions;
import dev.penstock.contracts.Topics;
import dev.penstock.contracts.log.LogEntry;
import dev.penstock.contracts.log.LogEntry.Ddl;
import dev.penstock.contracts.log.LogEntry.Delete;
import dev.penstock.contracts.log.LogEntry.Insert;
import dev.penstock.contracts.log.LogEntry.Message;
import dev.penstock.contracts.log.LogEntry.Oversize;
import dev.penstock.contracts.log.LogEntry.SnapshotRow;
import dev.penstock.contracts.log.LogEntry.Truncate;
import dev.penstock.contracts.log.LogEntry.Update;
import dev.penstock.contracts.log.LogTopic;
import dev.penstock.contracts.log.Lsn;
import dev.penstock.contracts.log.Relation;
import dev.penstock.contracts.log.Transaction;
import dev.penstock.contracts.log.Tuple;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/// The records of one transaction, entry by entry.
final class TransactionRecords {
  private static final Logger log = LoggerFactory.getLogger(TransactionRecords.class);

  /// A larger value is replaced by one that has the key's columns and small ones only, and a header
  /// that says so. A new row of 32 MiB is not.
  static final int MAX_VALUE_BYTES = LogTopic.MAX_RECORD_BYTES - (1 << 20);

  /// The size that was refused, on such a record.
  static final String OVERSIZE = Headers.OVERSIZE;

  /// A W3C `traceparent` has 55 characters. It goes onto every record of the transaction, and every
  /// role may emit one.
  private static final int MAX_TRACEPARENT_BYTES = 128;

  private static final int MAX_KEY_CHARACTERS = 1_024;

  private final Routing routing;
  private final Envelope envelope;
  private final BridgeMetrics metrics;
  private final Transaction transaction;
  private final Consumer<ProducerRecord<byte[], byte[]>> sink;
  private @Nullable String traceparent;
  private long seq;

  TransactionRecords(
      Routing routing,
      Envelope envelope,
      BridgeMetrics metrics,
      Transaction transaction,
      Consumer<ProducerRecord<byte[], byte[]>> sink) {
    this.routing = routing;
    this.envelope = envelope;
    this.metrics = metrics;
    this.transaction = transaction;
    this.sink = sink;
  }

  /// @param emit false for an entry whose records were written before: it only counts
  void add(LogEntry entry, boolean emit) {
    if (emit) {
      route(entry);
    }
    if (entry instanceof Message message && message.prefix().equals(Outbox.TRACE)) {
      trace(message.content());
    }
    seq += entry instanceof LogEntry.RowChange ? 1 : 0;
  }

  /// The transaction's trace context, null where it has none.
  @Nullable String traceparent() {
    return traceparent;
  }

  private void trace(byte[] content) {
    if (content.length > MAX_TRACEPARENT_BYTES) {
      metrics.ignored("invalid trace");
    } else if (traceparent == null) {
      traceparent = new String(content, UTF_8);
    }
  }

  private void route(LogEntry entry) {
    switch (entry) {
      case Insert(Relation relation, Tuple row) -> row(relation, "c", null, row);
      case Update update -> update(update.relation(), update.old(), update.row());
      case Delete(Relation relation, Tuple old) -> row(relation, "d", old, null);
      case SnapshotRow(Relation relation, Tuple row) -> row(relation, "r", null, row);
      case Oversize(Relation relation, String operation, Tuple key, long bytes) ->
          oversize(relation, operation, key, bytes);
      case Truncate truncate -> truncate.relations().forEach(this::truncate);
      case Message(String prefix, byte[] content) -> message(prefix, content);
      case Ddl _ -> {}
    }
  }

  private void update(Relation relation, @Nullable Tuple old, Tuple row) {
    boolean moved =
        old != null && Arrays.stream(relation.keyColumns()).anyMatch(i -> !old.sameValue(i, row));
    if (moved) {
      // As Debezium does: for its consumers the row of the old key is gone.
      row(relation, "d", old, null);
      row(relation, "c", null, row);
    } else {
      row(relation, "u", old, row);
    }
  }

  private void row(Relation relation, String op, @Nullable Tuple before, @Nullable Tuple after) {
    Tuple keyed = after == null ? java.util.Objects.requireNonNull(before) : after;
    long least = (before == null ? 0 : before.byteSize()) + (after == null ? 0 : after.byteSize());
    if (least > MAX_VALUE_BYTES * 3L / 2) {
      // Even in the shortest form that JSON has of it: bytes are two thirds of their text.
      oversize(relation, op, keyed, least);
      return;
    }
    byte[] value = envelope.value(transaction, relation, op, before, after);
    if (value.length > MAX_VALUE_BYTES) {
      oversize(relation, op, keyed, value.length);
      return;
    }
    send(relation, keyed, value, headers(true));
    if (routing.tombstones() && op.equals("d")) {
      send(relation, keyed, null, headers(true));
    }
  }

  private void oversize(Relation relation, String operation, Tuple row, long bytes) {
    String op =
        switch (operation) {
          case "insert", "c" -> "c";
          case "delete", "d" -> "d";
          case "snapshot", "r" -> "r";
          default -> "u";
        };
    Tuple.Builder kept = new Tuple.Builder(row.size());
    int[] keyColumns = relation.keyColumns();
    for (int i = 0; i < row.size(); i++) {
      int column = i;
      int length = row.length(i);
      boolean small = length <= Oversize.MAX_KEPT_BYTES;
      if (length >= 0 && (small || Arrays.stream(keyColumns).anyMatch(k -> k == column))) {
        kept.add(row.array(), row.start(i), length);
      } else {
        kept.addUnchanged();
      }
    }
    Tuple only = kept.build();
    byte[] value =
        op.equals("d")
            ? envelope.value(transaction, relation, op, only, null)
            : envelope.value(transaction, relation, op, null, only);
    RecordHeaders headers = headers(true);
    headers.add(OVERSIZE, Long.toString(bytes).getBytes(UTF_8));
    metrics.ignored("oversize");
    send(relation, row, value, headers);
  }

  private void truncate(Relation relation) {
    String topic = routing.topics().table(relation.schema(), relation.table());
    byte[] value = envelope.value(transaction, relation, "t", null, null);
    for (int partition = 0; partition < Topics.KEYED_PARTITIONS; partition++) {
      sink.accept(new ProducerRecord<>(topic, partition, null, null, value, headers(false)));
    }
  }

  private void message(String prefix, byte[] content) {
    if (OutboxRoute.reserved(prefix)) {
      return;
    }
    OutboxRoute route = routing.outbox().get(prefix);
    if (route == null) {
      drop("undeclared", prefix);
      return;
    }
    Optional<JsonNode> payload = route.schema().accept(content);
    if (payload.isEmpty()) {
      deadLetter(route, prefix, content, route.schema().refusal(content));
      return;
    }
    JsonNode key = payload.get().path(route.key());
    if (!key.isString() || key.asString().length() > MAX_KEY_CHARACTERS) {
      String cause = route.key() + " is no text of up to " + MAX_KEY_CHARACTERS + " characters";
      deadLetter(route, prefix, content, cause);
      return;
    }
    int partition = Partitions.of(key.asString(), Topics.KEYED_PARTITIONS);
    byte[] keyBytes = key.asString().getBytes(UTF_8);
    sink.accept(
        new ProducerRecord<>(route.topic(), partition, null, keyBytes, content, headers(false)));
  }

  /// The bytes as they are, for a person to look at: nothing waits for that.
  private void deadLetter(OutboxRoute route, String prefix, byte[] content, String cause) {
    drop("invalid", prefix);
    RecordHeaders headers = headers(false);
    headers.add(Headers.CAUSE, cause.getBytes(UTF_8));
    sink.accept(new ProducerRecord<>(route.deadLetters(), null, null, null, content, headers));
  }

  private void drop(String reason, String prefix) {
    metrics.ignored(reason);
    log.atWarn()
        .addKeyValue("txid", transaction.txid())
        .addKeyValue("lsn", Lsn.format(transaction.commitLsn()))
        .addKeyValue("prefixLength", prefix.length())
        .log("an {} message is not routed", reason);
  }

  private void send(Relation relation, Tuple row, byte @Nullable [] value, RecordHeaders headers) {
    String topic = routing.topics().table(relation.schema(), relation.table());
    byte[] key = envelope.key(relation, row);
    sink.accept(new ProducerRecord<>(topic, partition(relation, row), null, key, value, headers));
  }

  private int partition(Relation relation, Tuple row) {
    String declared = routing.partitionColumn(relation.schema(), relation.table());
    int column = declared == null ? -1 : relation.indexOf(declared);
    String text = column < 0 ? null : row.text(column);
    if (text == null) {
      text =
          Arrays.stream(relation.keyColumns())
              .mapToObj(key -> String.valueOf(row.text(key)))
              .collect(Collectors.joining(","));
    }
    return Partitions.of(text, Topics.KEYED_PARTITIONS);
  }

  private RecordHeaders headers(boolean row) {
    RecordHeaders headers = new RecordHeaders();
    headers.add(Headers.TXID, Long.toString(transaction.txid()).getBytes(UTF_8));
    headers.add(Headers.COMMIT_LSN, Lsn.decimal(transaction.commitLsn()).getBytes(UTF_8));
    if (row) {
      headers.add(Headers.SEQ, Long.toString(seq).getBytes(UTF_8));
    }
    if (traceparent != null) {
      headers.add(Headers.TRACEPARENT, traceparent.getBytes(UTF_8));
    }
    headers.add(Headers.GENERATION, transaction.state().generation().toString().getBytes(UTF_8));
    return headers;
  }
}
