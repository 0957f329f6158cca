package dev.penstock.local;

import dev.penstock.contracts.Migrations;
import dev.penstock.stack.EmbeddedStack;
import dev.penstock.stack.KafkaBroker;
import dev.penstock.stack.PostgresServer;
import dev.penstock.stack.StackOptions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.flywaydb.core.internal.exception.FlywaySqlException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Starts stack, migrations and services in order, and stops them in the opposite one.
final class Launcher implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Launcher.class);
  private static final String DATABASE = "penstock";
  private static final long START_SECONDS = 7;

  private final Settings settings;
  private final Progress progress;
  private final Deque<AutoCloseable> started = new ArrayDeque<>();
  private final CountDownLatch backendsSettled = new CountDownLatch(1);
  private volatile @Nullable EmbeddedStack stack;
  private boolean stopping;

  Launcher(Settings settings, Progress progress) {
    this.settings = settings;
    this.progress = progress;
  }

  /// Returns when everything is ready.
  void start() throws Exception {
    long start = System.nanoTime();
    progress.say("Starting Penstock in " + settings.dataDir());
    Backends backends;
    try {
      backends = startBackends();
    } finally {
      backendsSettled.countDown();
    }
    // Behind the directory's lock, or two first starts would each make keys.
    Secrets secrets = Secrets.in(settings.dataDir());
    progress.step("Database migrated", () -> migrate(backends.databaseUrl()));
    Instances instances =
        new Instances(
            settings.replicas(),
            settings.processes(),
            settings.dataDir().resolve("logs"),
            progress::say,
            this::isStopping);
    String url = new Services(settings, secrets, backends, progress, this::add, instances).start();
    progress.done("Everything", start);
    progress.say("Penstock is ready: " + url);
  }

  /// Where the services find Postgres and Kafka.
  ///
  /// @param databaseUrl for the migrations and what else needs the database's owner
  /// @param serviceUrl the same database; each service enters it as its own role, unless the URL
  ///   that was given names one
  record Backends(String databaseUrl, String serviceUrl, String bootstrapServers) {}

  private Backends startBackends() throws Exception {
    String database = settings.databaseUrl();
    String kafkaServers = settings.kafkaBootstrapServers();
    if (database != null && kafkaServers != null) {
      return new Backends(database, database, kafkaServers);
    }
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
                          settings.kafka())));
      return new Backends(database, database, kafka.bootstrapServers());
    }
    EmbeddedStack own =
        add(
            progress.step(
                "Postgres and Kafka",
                () ->
                    EmbeddedStack.start(
                        StackOptions.in(settings.dataDir())
                            .withPorts(settings.postgresPort(), settings.kafkaPort(), 0)
                            .withKafka(settings.kafka()))));
    stack = own;
    own.createDatabase(DATABASE);
    String url = own.jdbcUrl(DATABASE);
    return new Backends(url, PostgresServer.withoutUser(url), own.bootstrapServers());
  }

  private static boolean migrate(String databaseUrl) {
    try {
      new Migrations(databaseUrl, "postgres", "").migrate();
      return true;
    } catch (FlywaySqlException e) {
      // Without the query, where a password may stand.
      throw new SettingException(
          "The database at %s cannot be used: %s."
              .formatted(databaseUrl.replaceFirst("\\?.*", ""), Failures.root(e).getMessage()));
    }
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
    try {
      // A Postgres that is just being started is a process that would outlive this one.
      var _ = backendsSettled.await(START_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    AutoCloseable part;
    while ((part = next()) != null) {
      close(part);
    }
  }

  /// Whether a stop was asked for; then a start that fails has nothing to say.
  boolean isStopping() {
    synchronized (started) {
      return stopping;
    }
  }

  /// For a stop that hangs: Postgres is a process of its own and would outlive a halt. It survives
  /// a kill.
  void abort() {
    EmbeddedStack running = stack;
    if (running != null) {
      running.postgres().kill();
    }
  }

  private @Nullable AutoCloseable next() {
    synchronized (started) {
      return started.poll();
    }
  }

  private static void close(AutoCloseable part) {
    long startNanos = System.nanoTime();
    try {
      part.close();
      log.atInfo()
          .addKeyValue("part", name(part))
          .addKeyValue("millis", (System.nanoTime() - startNanos) / 1_000_000)
          .log("stopped");
    } catch (Exception e) {
      log.atError().setCause(e).addKeyValue("part", name(part)).log("did not stop cleanly");
    }
  }

  private static String name(AutoCloseable part) {
    return part instanceof Instances.Group group
        ? group.service().label()
        : part.getClass().getSimpleName();
  }
}
