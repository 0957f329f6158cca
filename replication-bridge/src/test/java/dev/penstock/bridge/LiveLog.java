package dev.penstock.bridge;

import dev.penstock.contracts.log.LogEvent;
import dev.penstock.contracts.log.LogReader;
import dev.penstock.contracts.log.Transaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/// A reader of the log that goes on while everything around it is killed.
final class LiveLog implements AutoCloseable {
  private final TestBridge bridge;
  private final List<Oracle.Committed> released = new ArrayList<>();
  private final List<Long> releasedAt = new ArrayList<>();
  private final List<String> gaps = new ArrayList<>();
  private final AtomicBoolean stop = new AtomicBoolean();
  private final Thread thread;
  private int claims;
  private long ignored;
  private @Nullable Throwable failure;

  LiveLog(TestBridge bridge) {
    this.bridge = bridge;
    thread = Thread.ofPlatform().daemon().name("live-log").start(this::follow);
  }

  private void follow() {
    try (LogReader reader = bridge.reader()) {
      while (!stop.get()) {
        List<LogEvent> events = reader.poll(Duration.ofMillis(50));
        long now = System.nanoTime();
        for (LogEvent event : events) {
          take(event, now);
        }
        synchronized (this) {
          ignored = reader.ignored();
        }
      }
    } catch (RuntimeException | Error e) {
      synchronized (this) {
        failure = e;
      }
    }
  }

  private void take(LogEvent event, long now) {
    switch (event) {
      case Transaction transaction -> {
        Oracle.Committed seen = seen(transaction);
        synchronized (this) {
          released.add(seen);
          releasedAt.add(now);
        }
      }
      case LogEvent.Gap(String reason) -> {
        synchronized (this) {
          gaps.add(reason);
        }
      }
      case LogEvent.Claimed _ -> {
        synchronized (this) {
          claims++;
        }
      }
      case LogEvent.Opened _, LogEvent.Progressed _ -> {}
    }
  }

  /// What a transaction did. A large one is read again from Kafka, which may be away just now.
  static Oracle.Committed seen(Transaction transaction) {
    KafkaException last = new KafkaException("never tried");
    for (int attempt = 0; attempt < 20; attempt++) {
      try {
        List<String> changes = new ArrayList<>();
        transaction.forEach(entry -> changes.add(Changes.text(entry)));
        return new Oracle.Committed(transaction.txid(), transaction.commitLsn(), changes);
      } catch (KafkaException e) {
        last = e;
      }
    }
    throw last;
  }

  synchronized List<Oracle.Committed> released() {
    requireAlive();
    return List.copyOf(released);
  }

  synchronized int count() {
    requireAlive();
    return released.size();
  }

  /// When the transaction was released, by [System#nanoTime]; -1 if it was not yet.
  synchronized long releasedAt(long txid) {
    requireAlive();
    for (int i = released.size() - 1; i >= 0; i--) {
      if (released.get(i).txid() == txid) {
        return releasedAt.get(i);
      }
    }
    return -1;
  }

  synchronized List<String> gaps() {
    return List.copyOf(gaps);
  }

  synchronized int claims() {
    return claims;
  }

  synchronized long ignored() {
    return ignored;
  }

  private void requireAlive() {
    if (failure != null) {
      throw new AssertionError("the live reader failed", failure);
    }
  }

  @Override
  public void close() {
    stop.set(true);
    try {
      var _ = thread.join(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
