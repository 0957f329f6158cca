package dev.penstock.bridge.router;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.bridge.BridgeMetrics;
import dev.penstock.contracts.Headers;
import dev.penstock.contracts.Topics;
import dev.penstock.contracts.log.LogEntry;
import dev.penstock.contracts.log.Lsn;
import dev.penstock.contracts.log.Transaction;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Brings the keyed topics up to date with a generation's opening snapshot: `r` for rows that are
/// new or changed, `d` for keys that the snapshot lacks.
///
/// What is emitted is the difference between the topics as they are and the snapshot. So whoever
/// begins again after a crash in the middle emits the rest, and nothing twice.
final class Reconciliation {
  private static final Logger log = LoggerFactory.getLogger(Reconciliation.class);

  private final Routing routing;
  private final Envelope envelope;
  private final BridgeMetrics metrics;
  private final Transaction snapshot;
  private final BooleanSupplier stopped;
  private final List<KeyedTable> tables = new ArrayList<>();
  private final Map<KeyedTable, Integer> ids = new HashMap<>();
  private long removed;

  /// @param snapshot a generation's opening one
  /// @param stopped asked now and then whether to give it up
  Reconciliation(
      Routing routing,
      Envelope envelope,
      BridgeMetrics metrics,
      Transaction snapshot,
      BooleanSupplier stopped) {
    this.routing = routing;
    this.envelope = envelope;
    this.metrics = metrics;
    this.snapshot = snapshot;
    this.stopped = stopped;
  }

  /// The Kafka transaction that the records are sent in, with the position before the snapshot.
  /// Kafka ends one that stays open for long, so none is open while nothing is emitted.
  interface Output {
    void send(ProducerRecord<byte[], byte[]> record);

    /// Between two rows, or files of keys: a place to commit.
    void between();

    /// What follows can take long before the next record.
    void commit();
  }

  void run(KeyedTopicsReader reader, List<String> topics, Output output) {
    long began = System.nanoTime();
    try (KeyLedger ledger = new KeyLedger()) {
      reader.read(topics, record -> standing(ledger, record));
      int known = tables.size();
      BitSet always = new BitSet();
      Map<Integer, KeyedTable> replaced = describe(ledger, known, always);
      BitSet changed = ledger.settle((_, _, _) -> {}, () -> {});
      changed.or(always);
      emit(changed, replaced, output);
      output.commit();
      var _ =
          ledger.settle(
              (table, partition, key) -> {
                remove(tables.get(table), partition, key, output::send);
                output.between();
              },
              output::between);
      log.atInfo()
          .addKeyValue("rows", snapshot.entries())
          .addKeyValue("emitted", changed.cardinality())
          .addKeyValue("removed", removed)
          .addKeyValue("millis", (System.nanoTime() - began) / 1_000_000)
          .log("the keyed topics follow the generation's snapshot");
    } catch (IOException e) {
      throw new UncheckedIOException("the keyed topics could not be compared on disk", e);
    }
  }

  private boolean standing(KeyLedger ledger, ConsumerRecord<byte[], byte[]> record) {
    try {
      if (record.value() == null) {
        return true; // A tombstone repeats the delete before it.
      }
      Optional<RoutedRow> parsed = RoutedRow.of(record.value(), record.headers());
      if (parsed.isEmpty() || !parsed.get().name().equals(routing.topics().prefix())) {
        return false; // Not ours, but of a prefix that begins with ours.
      }
      RoutedRow row = parsed.get();
      int table = id(new KeyedTable(record.topic(), row.schema(), row.table()));
      if (row.op().equals("t")) {
        ledger.cleared(table, record.partition());
      } else if (record.key() != null) {
        ledger.topic(table, record.partition(), record.key(), row.digest());
      }
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What the snapshot's rows would say, by the very code that emits them.
  ///
  /// @return the tables that are replaced as a whole, by the first of their entries
  private Map<Integer, KeyedTable> describe(KeyLedger ledger, int known, BitSet always) {
    Map<Integer, KeyedTable> replaced = new HashMap<>();
    List<ProducerRecord<byte[], byte[]>> made = new ArrayList<>(1);
    BridgeMetrics unseen = new BridgeMetrics(new SimpleMeterRegistry());
    TransactionRecords records =
        new TransactionRecords(routing, envelope, unseen, snapshot, made::add);
    BitSet cleared = new BitSet();
    int[] entry = {0};
    snapshot.forEach(row -> {
      made.clear();
      records.add(row, true);
      for (ProducerRecord<byte[], byte[]> record : made) {
        int table = describe(ledger, record, entry[0], always);
        if (record.key() == null && table < known && !cleared.get(table)) {
          cleared.set(table);
          replaced.put(entry[0], tables.get(table));
        }
      }
      entry[0]++;
      requireGoing(entry[0]);
    });
    return replaced;
  }

  private int describe(
      KeyLedger ledger, ProducerRecord<byte[], byte[]> record, int entry, BitSet always) {
    RoutedRow row = RoutedRow.of(record.value(), record.headers()).orElseThrow();
    int table = id(new KeyedTable(record.topic(), row.schema(), row.table()));
    if (record.key() != null) {
      try {
        ledger.snapshot(table, record.key(), java.util.Objects.requireNonNull(row.digest()), entry);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    } else {
      // Rows without a key cannot be told apart: they are replaced as a whole.
      always.set(entry);
    }
    return table;
  }

  private void emit(BitSet changed, Map<Integer, KeyedTable> replaced, Output output) {
    TransactionRecords records =
        new TransactionRecords(routing, envelope, metrics, snapshot, output::send);
    int[] entry = {0};
    snapshot.forEach((LogEntry row) -> {
      KeyedTable cleared = replaced.get(entry[0]);
      if (cleared != null) {
        truncate(cleared, output);
      }
      records.add(row, changed.get(entry[0]));
      entry[0]++;
      requireGoing(entry[0]);
      output.between();
    });
  }

  private void truncate(KeyedTable table, Output output) {
    byte[] value = envelope.value(snapshot, table.relation(), "t", null, null);
    for (int partition = 0; partition < Topics.KEYED_PARTITIONS; partition++) {
      output.send(new ProducerRecord<>(table.topic(), partition, null, null, value, headers(null)));
    }
  }

  private void remove(
      KeyedTable table, int partition, byte[] key, Consumer<ProducerRecord<byte[], byte[]>> sink) {
    KeyedTable.Row row = table.row(key);
    byte[] value = envelope.value(snapshot, row.relation(), "d", row.tuple(), null);
    long seq = snapshot.entries() + removed++;
    sink.accept(new ProducerRecord<>(table.topic(), partition, null, key, value, headers(seq)));
    if (routing.tombstones()) {
      sink.accept(new ProducerRecord<>(table.topic(), partition, null, key, null, headers(seq)));
    }
  }

  private RecordHeaders headers(@org.jspecify.annotations.Nullable Long seq) {
    RecordHeaders headers = new RecordHeaders();
    headers.add(Headers.TXID, Long.toString(snapshot.txid()).getBytes(UTF_8));
    headers.add(Headers.COMMIT_LSN, Lsn.decimal(snapshot.commitLsn()).getBytes(UTF_8));
    if (seq != null) {
      headers.add(Headers.SEQ, seq.toString().getBytes(UTF_8));
    }
    headers.add(Headers.GENERATION, snapshot.state().generation().toString().getBytes(UTF_8));
    return headers;
  }

  private int id(KeyedTable table) {
    return ids.computeIfAbsent(
        table,
        added -> {
          tables.add(added);
          return tables.size() - 1;
        });
  }

  private void requireGoing(int entries) {
    if (entries % 1_024 == 0 && stopped.getAsBoolean()) {
      throw new IllegalStateException("the router was stopped within a generation's snapshot");
    }
  }
}
