package dev.penstock.contracts.log;

import dev.penstock.contracts.log.LogRecord.Part;
import java.util.List;
import java.util.function.Consumer;

/// A committed transaction, whole. A large one is not held in memory: [#forEach] reads it again
/// from Kafka.
public final class Transaction implements LogEvent {
  private final ReaderState state;
  private final int entries;
  private final boolean snapshot;
  private final List<Long> offsets;
  private final List<Part> parts;
  private final LogParts source;
  private final long writtenMillis;

  Transaction(ReaderState state, OpenTransaction transaction, LogParts source, long writtenMillis) {
    LogRecord.End end = java.util.Objects.requireNonNull(transaction.end());
    this.state = state;
    this.entries = end.entries();
    this.snapshot = end.snapshot();
    this.offsets = transaction.offsets();
    this.parts = transaction.parts();
    this.source = source;
    this.writtenMillis = writtenMillis;
  }

  /// Where the reader stands behind this transaction: its generation, number and position.
  public ReaderState state() {
    return state;
  }

  /// The dense number in its generation, from 1.
  public long number() {
    return state.number();
  }

  /// The LSN of the end of the commit record: strictly increasing in commit order.
  public long commitLsn() {
    return state.point().commitLsn();
  }

  /// The unsigned 32-bit xid: the txid that the command answered.
  public long txid() {
    return state.point().xid();
  }

  /// The commit's time, microseconds since 1970-01-01 UTC.
  public long commitMicros() {
    return state.point().commitMicros();
  }

  /// How many entries it has.
  public int entries() {
    return entries;
  }

  /// Whether it is a generation's opening snapshot, whose rows replace everything known.
  public boolean snapshot() {
    return snapshot;
  }

  /// The Kafka offset of its first piece.
  public long firstOffset() {
    return offsets.getFirst();
  }

  /// When its last piece was handed to Kafka, by the bridge's clock; milliseconds since 1970-01-01
  /// UTC.
  public long writtenMillis() {
    return writtenMillis;
  }

  /// Calls back for each entry in order. May be repeated, by any one thread at a time, as long as
  /// the log is retained.
  public void forEach(Consumer<LogEntry> sink) {
    if (parts.isEmpty()) {
      source.read(offsets, part -> EntryCodec.decode(part.entries(), source::relation, sink));
    } else {
      parts.forEach(part -> EntryCodec.decode(part.entries().duplicate(), source::relation, sink));
    }
  }
}
