package dev.penstock.shapes.log;

import dev.penstock.contracts.log.LogEvent;
import dev.penstock.contracts.log.LogOrigin;
import dev.penstock.contracts.log.LogReader;
import dev.penstock.contracts.log.LogTruncatedException;
import dev.penstock.contracts.log.ReaderState;
import dev.penstock.contracts.log.Transaction;
import dev.penstock.management.CanaryLag;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Follows the log with one reader on one thread.
public final class Tail implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Tail.class);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final long ASK_NANOS = 500_000_000L;

  private static final long SWEEP_NANOS = 30_000_000_000L;

  private final TailSettings settings;
  private final Thread thread;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private volatile @Nullable Era era;
  private volatile @Nullable LogReader reader;
  private volatile long atEndNanos = System.nanoTime() - Long.MAX_VALUE / 2;
  private volatile boolean closed;
  private volatile @Nullable String fault = "the log has not been read yet";
  private volatile long records;
  private final Lag lag = new Lag();
  private final CanaryLag canary = new CanaryLag();
  private @Nullable ReaderState last;
  private boolean fromBeginning;
  private boolean opening;

  public Tail(TailSettings settings) {
    this.settings = settings;
    thread = Thread.ofPlatform().name("shapes-log").daemon().unstarted(this::run);
  }

  public void start() {
    thread.start();
  }

  TailSettings settings() {
    return settings;
  }

  /// The present generation; null before any is known.
  @Nullable Era era() {
    return era;
  }

  /// Whether the tail has reached the log's end and follows it.
  public boolean isActive() {
    return fault().isEmpty();
  }

  /// Why it is not active.
  public Optional<String> fault() {
    String known = fault;
    if (known != null) {
      return Optional.of(known);
    }
    if (era == null) {
      return Optional.of("the log's generation has only just been opened");
    }
    return lag.nanos() > settings.maxLag().toNanos()
        ? Optional.of("this instance is too far behind the log")
        : Optional.empty();
  }

  /// Whether the broker was asked since a time and had nothing beyond what this instance has read.
  boolean isAtEndSince(long nanos) {
    return atEndNanos - nanos >= 0;
  }

  /// How many records of the log are not read yet.
  public long lag() {
    return records;
  }

  /// How long ago this instance had read all of the log, in seconds.
  public double lagSeconds() {
    return lag.nanos() / 1e9;
  }

  /// How far this instance has released, and when it released one transaction.
  ///
  /// @param position the commit LSN up to which everything is released
  /// @param atMicros microseconds since 1970-01-01 UTC; -1 where it is not known: released before
  ///   this instance began or too long ago, or not yet
  public record Release(UUID generation, long position, long atMicros) {}

  /// Empty while no generation is known.
  public Optional<Release> release(long commitLsn) {
    return Optional.ofNullable(era)
        .map(now ->
            new Release(now.generation(), now.position(), now.released().releasedAt(commitLsn)));
  }

  /// The last canary that was released here.
  public CanaryLag canary() {
    return canary;
  }

  public long windowBytes() {
    Era now = era;
    return now == null ? 0 : now.window().bytes();
  }

  public long feeds() {
    Era now = era;
    return now == null ? 0 : now.feedCount();
  }

  public long waiting() {
    Era now = era;
    return now == null ? 0 : now.waiting();
  }

  @Override
  public void close() {
    closed = true;
    LogReader open = reader;
    if (open != null) {
      open.wakeup();
    }
    thread.interrupt();
    try {
      if (thread.isAlive() && !stopped.await(3, TimeUnit.SECONDS)) {
        log.atWarn().log("the log's reader did not stop in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    long pauseMillis = 50;
    while (!closed) {
      ReaderState before = last;
      try (LogReader opened = open()) {
        reader = opened;
        follow(opened);
      } catch (WakeupException | org.apache.kafka.common.errors.InterruptException e) {
        log.atDebug().setCause(e).log("the log's reader was woken");
      } catch (LogTruncatedException e) {
        fault = "the log was cut before this instance had read it";
        log.atWarn().setCause(e).log("reading the log again from its latest claim");
        last = null;
        end();
        pauseMillis = pause(pauseMillis);
      } catch (RuntimeException e) {
        // Whatever it is: without this thread the instance would be deaf and look healthy.
        fault = "the log cannot be read";
        log.atWarn().setCause(e).log("the log cannot be read, trying again");
        // One record that cannot be read is no reason to ask for it without a rest.
        pauseMillis = pause(Objects.equals(before, last) ? pauseMillis : 50);
      } finally {
        reader = null;
      }
    }
    stopped.countDown();
  }

  private long pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      log.atDebug().log("stopped while waiting for the log");
    }
    return Math.min(2_000, 2 * millis);
  }

  private LogReader open() {
    Map<String, Object> kafka = new HashMap<>(settings.kafka());
    // A broker that does not answer shows as a fault, before the last answer is too old.
    kafka.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 5_000);
    ReaderState state = last;
    if (state != null) {
      return LogReader.from(kafka, settings.topic(), state);
    }
    fromBeginning = LogSize.bytes(settings) <= settings.replayBytes();
    return fromBeginning
        ? LogReader.fromBeginning(kafka, settings.topic())
        : LogReader.fromLatestClaim(kafka, settings.topic());
  }

  private void follow(LogReader from) {
    long end = from.endOffset();
    long goal = end;
    lag.sample(end);
    long askedNanos = System.nanoTime();
    long swept = askedNanos;
    while (!closed) {
      for (LogEvent event : from.poll(POLL)) {
        apply(event, from);
        // At once: what is released must not be released again if the next one fails.
        state(event).ifPresent(state -> last = state);
      }
      from.state().ifPresent(state -> last = state);
      if (System.nanoTime() - askedNanos > ASK_NANOS) {
        // A poll without records does not tell a quiet log from one that does not answer.
        askedNanos = System.nanoTime();
        end = from.endOffset();
        lag.sample(end);
      }
      records = Math.max(end - from.nextOffset(), from.lag().orElse(0));
      lag.reached(from.nextOffset());
      if (from.nextOffset() >= end) {
        atEndNanos = askedNanos;
      }
      if (from.gap().isPresent()) {
        fault = from.gap().get();
      } else if (from.nextOffset() >= goal) {
        fault = null;
      }
      if (System.nanoTime() - swept > SWEEP_NANOS && era != null) {
        swept = System.nanoTime();
        era.sweep();
      }
    }
  }

  private static Optional<ReaderState> state(LogEvent event) {
    return switch (event) {
      case LogEvent.Opened opened -> Optional.of(opened.state());
      case LogEvent.Progressed progressed -> Optional.of(progressed.state());
      case Transaction transaction -> Optional.of(transaction.state());
      case LogEvent.Gap _, LogEvent.Claimed _ -> Optional.empty();
    };
  }

  private void apply(LogEvent event, LogReader from) {
    switch (event) {
      case LogEvent.Opened opened -> {
        log.atInfo()
            .addKeyValue("generation", opened.generation())
            .addKeyValue("reason", opened.origin().reason())
            .log("a generation of the log was opened");
        end();
        opening = opened.origin().hasSnapshot();
        if (!opening) {
          begin(opened.state(), true);
        }
      }
      case LogEvent.Progressed progressed -> {
        // Resumed before its snapshot was whole: there is nothing of the generation yet.
        opening |=
            era == null
                && progressed.state().number() == 0
                && from.origin().filter(LogOrigin::hasSnapshot).isPresent();
        if (!opening) {
          inEra(progressed.state()).progress(progressed.state());
        }
      }
      case Transaction transaction -> {
        if (transaction.snapshot()) {
          // Not evaluated and not held: what it says is in Postgres.
          begin(transaction.state(), true);
        } else if (inEra(transaction.state()).release(transaction)) {
          canary.arrived(transaction.commitMicros());
        }
      }
      case LogEvent.Gap gap -> log.atError().log("the log has a gap: " + gap.reason());
      case LogEvent.Claimed _ -> {}
    }
  }

  /// Nothing that is known may be gone on from: it is of another history, or there is a hole.
  private void end() {
    Era broken = era;
    era = null;
    if (broken != null) {
      broken.end();
    }
  }

  private Era inEra(ReaderState state) {
    Era now = era;
    if (now != null && now.generation().equals(state.generation())) {
      return now;
    }
    return begin(state, fromBeginning);
  }

  private Era begin(ReaderState state, boolean whole) {
    Era before = era;
    Era next = new Era(state, whole, settings);
    opening = false;
    era = next;
    if (before != null) {
      before.end();
    }
    return next;
  }
}
