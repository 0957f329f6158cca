package dev.penstock.shapes.log;

import dev.penstock.contracts.log.LogEvent;
import dev.penstock.contracts.log.LogReader;
import dev.penstock.contracts.log.LogTruncatedException;
import dev.penstock.contracts.log.ReaderState;
import dev.penstock.contracts.log.Transaction;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
  private static final Duration POLL = Duration.ofMillis(500);
  private static final long ASK_NANOS = 2_000_000_000L;
  private static final long FRESH_NANOS = 5_000_000_000L;

  /// An instance so far behind answers nothing before it has caught up.
  private static final long MAX_LAG = 100_000;

  private static final long SWEEP_NANOS = 30_000_000_000L;

  private final TailSettings settings;
  private final Thread thread;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private volatile @Nullable Era era;
  private volatile @Nullable LogReader reader;
  private volatile boolean atEnd;
  private volatile long askedNanos;
  private volatile boolean closed;
  private volatile @Nullable String fault = "the log has not been read yet";
  private volatile long lag;
  private @Nullable ReaderState last;
  private boolean fromBeginning;

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
    return fault == null && era != null;
  }

  /// Why it is not active.
  public Optional<String> fault() {
    return Optional.ofNullable(fault);
  }

  /// Whether nothing was in the log beyond this instance's position when the broker was last asked,
  /// a moment ago.
  boolean isAtEnd() {
    return atEnd && System.nanoTime() - askedNanos < FRESH_NANOS;
  }

  /// How many records of the log are not read yet.
  public long lag() {
    return lag;
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
    askedNanos = System.nanoTime();
    long swept = askedNanos;
    while (!closed) {
      for (LogEvent event : from.poll(POLL)) {
        apply(event);
        // At once: what is released must not be released again if the next one fails.
        state(event).ifPresent(state -> last = state);
      }
      from.state().ifPresent(state -> last = state);
      if (System.nanoTime() - askedNanos > ASK_NANOS) {
        // A poll without records does not tell a quiet log from one that does not answer.
        end = from.endOffset();
        askedNanos = System.nanoTime();
      }
      lag = Math.max(end - from.nextOffset(), from.lag().orElse(0));
      atEnd = lag <= 0;
      if (from.gap().isPresent()) {
        fault = from.gap().get();
      } else if (lag > MAX_LAG) {
        goal = end;
        fault = "this instance is too far behind the log";
      } else if (from.nextOffset() >= goal && era != null) {
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

  private void apply(LogEvent event) {
    switch (event) {
      case LogEvent.Opened opened -> {
        log.atInfo()
            .addKeyValue("generation", opened.generation())
            .addKeyValue("reason", opened.origin().reason())
            .log("a generation of the log was opened");
        begin(opened.state(), true);
      }
      case LogEvent.Progressed progressed -> inEra(progressed.state()).progress(progressed.state());
      case Transaction transaction -> inEra(transaction.state()).release(transaction);
      case LogEvent.Gap gap -> log.atError().log("the log has a gap: " + gap.reason());
      case LogEvent.Claimed _ -> {}
    }
  }

  /// Nothing that is known may be gone on from: there is a hole behind it.
  private void end() {
    Era broken = era;
    era = null;
    if (broken != null) {
      broken.end();
    }
  }

  private Era inEra(ReaderState state) {
    Era now = era;
    return now != null && now.generation().equals(state.generation())
        ? now
        : begin(state, fromBeginning);
  }

  private Era begin(ReaderState state, boolean whole) {
    Era before = era;
    Era next = new Era(state, whole, settings);
    era = next;
    if (before != null) {
      before.end();
    }
    return next;
  }
}
