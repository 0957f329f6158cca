package dev.penstock.answers;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.penstock.contracts.Topics;
import dev.penstock.contracts.trace.Spans;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The whole service: the intake from Kafka, the sweep of the database, and the worker that both
/// feed.
final class AnswerGenerator implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AnswerGenerator.class);

  private static final Duration LETTERS_INTERVAL = Duration.ofMinutes(1);

  private final AnswersProperties properties;
  private final HikariDataSource database;
  private final AnswerWorker worker;
  private final Rounds leases;
  private final Rounds sweeps;
  private final Rounds letters;
  private final Health health;
  private final QuestionIntake intake;

  AnswerGenerator(
      AnswersProperties properties, Answerer answerer, MeterRegistry registry, Spans spans) {
    this.properties = properties;
    this.database = new HikariDataSource(database(properties));
    Traces traces = new Traces(spans);
    AnswerStore store = new AnswerStore(database, traces);
    DeadLetters deadLetters = new DeadLetters(database);
    AnswerMetrics metrics = new AnswerMetrics(registry);
    this.worker =
        new AnswerWorker(
            "answers-" + ProcessHandle.current().pid() + "-" + UUID.randomUUID(),
            traces.calls(answerer),
            store,
            deadLetters,
            metrics,
            properties.limits(),
            properties.concurrency(),
            traces);
    this.leases =
        new Rounds(
            "answers-leases",
            new LeaseKeeper(worker, store, properties.lease()),
            properties.stopPoll());
    this.sweeps =
        new Rounds(
            "answers-sweep",
            new Sweeper(
                worker, store, metrics, properties.sweepPendingAfter(), properties.sweepLimit()),
            properties.sweepInterval());
    this.letters =
        new Rounds(
            "answers-dead-letters",
            new DeadLetterBound(
                deadLetters,
                metrics,
                properties.deadLetterRetention(),
                properties.mostDeadLetters()),
            LETTERS_INTERVAL);
    this.health =
        new Health(
            leases, sweeps, metrics, properties.longestQueueAge(), properties.longestSilence());
    this.intake =
        new QuestionIntake(
            new ShareGroup(
                properties.group(),
                new Topics(properties.topicPrefix()).questions(),
                properties.recordLock(),
                properties.deliveryLimit()),
            properties.kafkaClients(),
            worker,
            deadLetters,
            metrics);
  }

  /// Returns at once: Kafka and Postgres may come later, and go and come again.
  void start() {
    leases.start();
    sweeps.start();
    letters.start();
    intake.start();
    log.atInfo().addKeyValue("worker", worker.name()).log("Answering questions");
  }

  Health health() {
    return health;
  }

  /// Lets answers in work finish for a moment and gives the others back; returns within 5 s.
  @Override
  public void close() {
    sweeps.close();
    letters.close();
    try {
      intake.close();
      worker.close(properties.closeGrace());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      leases.close();
      database.close();
    }
  }

  private static HikariConfig database(AnswersProperties properties) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("penstock-answers");
    config.setJdbcUrl(properties.databaseUrl());
    config.setUsername(properties.databaseUser());
    config.setPassword(properties.databasePassword());
    config.setMaximumPoolSize(4);
    config.setMinimumIdle(1);
    config.setConnectionTimeout(2_000);
    // The database may come later than this service.
    config.setInitializationFailTimeout(-1);
    config.addDataSourceProperty("ApplicationName", "penstock-answer-generator");
    config.addDataSourceProperty("connectTimeout", "2");
    // A database that hangs counts as one that is away.
    config.addDataSourceProperty("socketTimeout", "10");
    config.addDataSourceProperty("tcpKeepAlive", "true");
    return config;
  }
}
