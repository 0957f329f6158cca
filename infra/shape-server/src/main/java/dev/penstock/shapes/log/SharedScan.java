package dev.penstock.shapes.log;

import dev.penstock.contracts.log.LogEntry;
import dev.penstock.contracts.log.LogEvent;
import dev.penstock.contracts.log.LogReader;
import dev.penstock.contracts.log.ReaderState;
import dev.penstock.contracts.log.Transaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerConfig;

/// One reader of the log for all requests that it comes by, at a bounded rate.
final class SharedScan {
  private static final Duration POLL = Duration.ofMillis(250);
  private static final long CHECKPOINT_RECORDS = 1_024;

  /// A request so far ahead, in bytes of WAL, waits for a reader of its own.
  private static final long REACH = 256 << 20;

  private final TailSettings settings;
  private final CatchUps all;
  private final Era era;
  private final List<Behind> aboard = new ArrayList<>();
  private final ReaderState start;
  private final long startNanos = System.nanoTime();
  private long position;
  private long checkpointed;
  private long bytes;

  /// Ends the reading of a transaction of which nobody wants the rest.
  private static final class Enough extends RuntimeException {
    private static final long serialVersionUID = 1;

    Enough() {
      super("enough", null, false, false);
    }
  }

  SharedScan(TailSettings settings, CatchUps all, Behind first, ReaderState start) {
    this.settings = settings;
    this.all = all;
    this.era = first.era();
    this.start = start;
    position = start.point().commitLsn();
    checkpointed = start.nextOffset();
    aboard.add(first);
  }

  /// A consumer's close waits for its fetch, which at the log's end waits for this.
  static Map<String, Object> kafka(TailSettings settings) {
    Map<String, Object> kafka = new HashMap<>(settings.kafka());
    kafka.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 20);
    return kafka;
  }

  void run() {
    try (LogReader reader = LogReader.from(kafka(settings), settings.topic(), start)) {
      while (!aboard.isEmpty()) {
        aboard.addAll(all.join(era, position, REACH));
        for (LogEvent event : reader.poll(POLL)) {
          apply(event);
        }
        aboard.removeIf(one -> !one.isPatient());
        brake();
      }
    } catch (RuntimeException e) {
      // Whoever else is aboard may fare better with another reader.
      aboard.forEach(one -> one.done(new Outcome.Unavailable()));
      throw e;
    }
  }

  private void apply(LogEvent event) {
    switch (event) {
      case Transaction transaction -> {
        transaction(transaction);
        move(transaction.state());
      }
      case LogEvent.Progressed progressed -> move(progressed.state());
      case LogEvent.Opened _, LogEvent.Gap _ -> {
        aboard.forEach(one -> one.done(new Outcome.Rotated()));
        aboard.clear();
      }
      case LogEvent.Claimed _ -> {}
    }
  }

  private void transaction(Transaction transaction) {
    List<Behind> wanting = aboard.stream().filter(one -> one.wants(transaction)).toList();
    if (wanting.isEmpty() || transaction.snapshot()) {
      return;
    }
    wanting.forEach(one -> one.scan().begin(transaction));
    try {
      transaction.forEach(entry -> change(entry, wanting));
    } catch (Enough e) {
      // The rest rotates nothing that the instance's tail has not seen.
    }
    aboard.removeIf(one -> wanting.contains(one) && !one.finish());
  }

  private void change(LogEntry entry, List<Behind> wanting) {
    boolean enough = true;
    for (Behind one : wanting) {
      one.scan().change(entry);
      enough &= one.scan().isFull();
    }
    if (entry instanceof LogEntry.RowChange change) {
      bytes += Era.bytes(change);
    }
    if (enough) {
      throw new Enough();
    }
  }

  private void move(ReaderState state) {
    position = Reading.later(position, state.point().commitLsn());
    aboard.removeIf(one -> !one.reach(position));
    // Marks the place, so that whoever comes next need not read all of this again.
    if (state.nextOffset() - checkpointed >= CHECKPOINT_RECORDS || aboard.isEmpty()) {
      checkpointed = state.nextOffset();
      era.checkpoints().add(state);
    }
  }

  /// Leaves the broker and the processor to the others now and then.
  private void brake() {
    double due = 1e9 * bytes / settings.catchUpBytesPerSecond();
    long ahead = (long) due - (System.nanoTime() - startNanos);
    if (ahead > 0) {
      LockSupport.parkNanos(Math.min(ahead, 1_000_000_000L));
    }
  }
}
