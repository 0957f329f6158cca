package dev.penstock.stack;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Postgres as a process of its own and Kafka in this JVM, on one data directory.
public final class EmbeddedStack implements Stack {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedStack.class);

  private final DirectoryLock lock;
  private final PostgresServer postgres;
  private final KafkaBroker kafka;

  private EmbeddedStack(DirectoryLock lock, PostgresServer postgres, KafkaBroker kafka) {
    this.lock = lock;
    this.postgres = postgres;
    this.kafka = kafka;
  }

  /// Starts both at the same time; where one fails, the other is stopped.
  ///
  /// @throws StackException with one sentence that says what to change
  public static EmbeddedStack start(StackOptions options) {
    DirectoryLock lock = DirectoryLock.take(options.dataDirectory());
    CompletableFuture<PostgresServer> postgres =
        CompletableFuture.supplyAsync(
            () ->
                PostgresServer.start(
                    options.dataDirectory().resolve("postgres"),
                    options.postgresPort(),
                    options.postgresSettings()),
            EmbeddedStack::onThread);
    CompletableFuture<KafkaBroker> kafka =
        CompletableFuture.supplyAsync(
            () ->
                KafkaBroker.startInProcess(
                    options.dataDirectory().resolve("kafka"),
                    options.kafkaPort(),
                    options.kafkaControllerPort(),
                    options.kafkaSettings()),
            EmbeddedStack::onThread);
    try {
      return new EmbeddedStack(lock, postgres.join(), kafka.join());
    } catch (CompletionException e) {
      closeWhenStarted(kafka);
      closeWhenStarted(postgres);
      lock.close();
      throw e.getCause() instanceof StackException sentence ? sentence : e;
    }
  }

  /// Waits for the other start, which is bounded, and undoes it.
  private static void closeWhenStarted(CompletableFuture<? extends AutoCloseable> start) {
    start
        .handle((started, failure) -> started)
        .thenAccept(started -> {
          if (started != null) {
            close(started);
          }
        })
        .join();
  }

  private static void close(AutoCloseable started) {
    try {
      started.close();
    } catch (Exception e) {
      LOG.atWarn().setCause(e).log("A server was not stopped after its companion did not start");
    }
  }

  private static void onThread(Runnable work) {
    Thread.ofPlatform().daemon().name("stack").start(work);
  }

  public PostgresServer postgres() {
    return postgres;
  }

  public KafkaBroker kafka() {
    return kafka;
  }

  @Override
  public String jdbcUrl(String database) {
    return postgres.jdbcUrl(database);
  }

  @Override
  public String bootstrapServers() {
    return kafka.bootstrapServers();
  }

  /// Stops both at the same time: either waits for its disk, and neither needs the other.
  @Override
  public void close() {
    try (lock) {
      CompletableFuture<Void> kafkaStopped =
          CompletableFuture.runAsync(kafka::close, EmbeddedStack::onThread);
      try {
        postgres.close();
      } finally {
        kafkaStopped.join();
      }
    }
  }
}
