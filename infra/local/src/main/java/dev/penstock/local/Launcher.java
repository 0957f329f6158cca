package dev.penstock.local;

import dev.penstock.contracts.Migrations;
import dev.penstock.stack.EmbeddedStack;
import dev.penstock.stack.KafkaBroker;
import dev.penstock.stack.StackOptions;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Starts stack, migrations and services in order, and stops them in the opposite one.
final class Launcher implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Launcher.class);
  private static final String DATABASE = "penstock";

  private final Settings settings;
  private final Progress progress;
  private final Deque<AutoCloseable> started = new ArrayDeque<>();
  private boolean stopping;

  Launcher(Settings settings, Progress progress) {
    this.settings = settings;
    this.progress = progress;
  }

  /// Returns when everything is ready.
  void start() throws Exception {
    long start = System.nanoTime();
    progress.say("Starting Penstock in " + settings.dataDir());
    Secrets secrets = Secrets.in(settings.dataDir());
    Backends backends = startBackends();
    progress.step(
        "Database migrated",
        () -> {
          new Migrations(backends.databaseUrl(), "postgres", "").migrate();
          return true;
        });
    String url = new Services(settings, secrets, backends, progress, this::add).start();
    progress.done("Everything", start);
    progress.say("Penstock is ready: " + url);
  }

  /// Where the services find Postgres and Kafka.
  record Backends(String databaseUrl, String bootstrapServers) {}

  private Backends startBackends() throws Exception {
    String database = settings.databaseUrl();
    if (database != null) {
      KafkaBroker kafka =
          add(
              progress.step(
                  "Kafka",
                  () ->
                      KafkaBroker.startInProcess(
                          settings.dataDir().resolve("kafka"),
                          settings.kafkaPort(),
                          0,
                          java.util.Map.of())));
      return new Backends(database, kafka.bootstrapServers());
    }
    EmbeddedStack stack =
        add(
            progress.step(
                "Postgres and Kafka",
                () ->
                    EmbeddedStack.start(
                        StackOptions.in(settings.dataDir())
                            .withPorts(settings.postgresPort(), settings.kafkaPort(), 0))));
    stack.createDatabase(DATABASE);
    return new Backends(stack.jdbcUrl(DATABASE), stack.bootstrapServers());
  }

  private <T extends AutoCloseable> T add(T part) {
    synchronized (started) {
      if (!stopping) {
        started.push(part);
        return part;
      }
    }
    close(part);
    throw new IllegalStateException("Penstock was stopped while it started");
  }

  /// Stops services, Kafka and Postgres, the last started first.
  @Override
  public void close() {
    synchronized (started) {
      stopping = true;
    }
    AutoCloseable part;
    while ((part = next()) != null) {
      close(part);
    }
  }

  private @org.jspecify.annotations.Nullable AutoCloseable next() {
    synchronized (started) {
      return started.poll();
    }
  }

  private static void close(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      log.atError()
          .setCause(e)
          .addKeyValue("part", part.getClass().getSimpleName())
          .log("did not stop cleanly");
    }
  }
}
