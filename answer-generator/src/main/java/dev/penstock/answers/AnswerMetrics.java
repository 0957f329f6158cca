package dev.penstock.answers;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/// What can be seen of this service from outside; names start with `penstock.answers.`.
final class AnswerMetrics {
  private static final Duration[] BUCKETS =
      IntStream.of(100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 120_000, 600_000)
          .mapToObj(Duration::ofMillis)
          .toArray(Duration[]::new);

  private final MeterRegistry registry;
  private final AtomicInteger inFlight;
  private final AtomicLong queueAgeMillis;
  private final AtomicInteger intakeUp;
  private final AtomicInteger deadLetters;
  private final Counter deadLettersDropped;
  private final Counter redeliveries;
  private final Counter repeats;
  private final Counter malformed;
  private final Counter swept;
  private final Counter takeovers;
  private final Counter failedAttempts;
  private final Counter fencedWrites;
  private final Counter promptTokens;
  private final Counter answerTokens;
  private final Timer waited;
  private final Timer firstToken;
  private final DistributionSummary updates;
  private final DistributionSummary amplification;
  private final AtomicInteger speaking;
  private volatile long heardNanos = System.nanoTime();

  AnswerMetrics(MeterRegistry registry) {
    this.registry = registry;
    this.inFlight = registry.gauge("penstock.answers.in.flight", new AtomicInteger());
    this.queueAgeMillis = registry.gauge("penstock.answers.queue.age.ms", new AtomicLong());
    this.intakeUp = registry.gauge("penstock.answers.intake.up", new AtomicInteger());
    this.deadLetters = registry.gauge("penstock.answers.dead.letters", new AtomicInteger());
    this.deadLettersDropped = registry.counter("penstock.answers.dead.letters.dropped");
    this.redeliveries = registry.counter("penstock.answers.redeliveries");
    this.repeats = registry.counter("penstock.answers.repeats");
    this.malformed = registry.counter("penstock.answers.malformed");
    this.swept = registry.counter("penstock.answers.swept");
    this.takeovers = registry.counter("penstock.answers.takeovers");
    this.failedAttempts = registry.counter("penstock.answers.attempts.failed");
    this.fencedWrites = registry.counter("penstock.answers.writes.fenced");
    this.promptTokens = registry.counter("penstock.answers.tokens", "of", "prompt");
    this.answerTokens = registry.counter("penstock.answers.tokens", "of", "answer");
    this.waited = timer("penstock.answers.waited").register(registry);
    this.firstToken = timer("penstock.answers.first.token").register(registry);
    this.updates = registry.summary("penstock.answers.updates");
    this.speaking = registry.gauge("penstock.answers.attempts.in.flight", new AtomicInteger());
    registry.gauge("penstock.answers.silence.seconds", this, m -> m.silence().toMillis() / 1e3);
    this.amplification = registry.summary("penstock.answers.amplification");
  }

  private static Timer.Builder timer(String name) {
    return Timer.builder(name).serviceLevelObjectives(BUCKETS);
  }

  void started(Lease lease) {
    inFlight.incrementAndGet();
    if (lease.claims() > 1) {
      takeovers.increment();
    }
  }

  void finished(Outcome outcome, Duration duration) {
    inFlight.decrementAndGet();
    timer("penstock.answers")
        .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
        .register(registry)
        .record(duration);
  }

  /// From the call of the answerer to its first piece.
  void firstToken(long nanos) {
    firstToken.record(nanos, TimeUnit.NANOSECONDS);
  }

  /// An attempt may speak from now on.
  void speaks() {
    if (speaking.getAndIncrement() == 0) {
      heardNanos = System.nanoTime();
    }
  }

  void heard() {
    heardNanos = System.nanoTime();
  }

  void speaksNoMore() {
    speaking.decrementAndGet();
  }

  /// For how long none of the attempts under way has said anything; zero where there is none.
  Duration silence() {
    return speaking.get() == 0
        ? Duration.ZERO
        : Duration.ofNanos(Math.max(0, System.nanoTime() - heardNanos));
  }

  /// As the provider counts.
  void tokens(long prompt, long answer) {
    promptTokens.increment((double) prompt);
    answerTokens.increment((double) answer);
  }

  /// The writes of an answer by the run that completed it, and all writes' bytes by the text's.
  void completed(int writes, long bytes, String text) {
    updates.record(writes);
    amplification.record((double) bytes / Math.max(1, text.getBytes(UTF_8).length));
  }

  /// A write that changed nothing: the answer is another's or final.
  void fencedWrite() {
    fencedWrites.increment();
  }

  /// From the placeholder's making to its reading by a worker.
  void waited(Duration duration) {
    waited.record(duration);
  }

  /// A record that Kafka delivers again.
  void redelivered() {
    redeliveries.increment();
  }

  /// A record whose answer is final or in work.
  void repeated() {
    repeats.increment();
  }

  void malformed() {
    malformed.increment();
  }

  void swept() {
    swept.increment();
  }

  void attemptFailed() {
    failedAttempts.increment();
  }

  /// Of the oldest answer that nobody works at.
  void queueAge(Duration age) {
    queueAgeMillis.set(age.toMillis());
  }

  /// Whether records are taken from Kafka; while not, the sweep does all the work.
  void intakeUp(boolean up) {
    intakeUp.set(up ? 1 : 0);
  }

  /// Dead letters that wait for an operator, and how many were just dropped for their bound.
  void deadLetters(int waiting, int dropped) {
    deadLetters.set(waiting);
    deadLettersDropped.increment(dropped);
  }

  Duration queueAge() {
    return Duration.ofMillis(queueAgeMillis.get());
  }

  boolean isIntakeUp() {
    return intakeUp.get() == 1;
  }

  int inFlight() {
    return inFlight.get();
  }
}
