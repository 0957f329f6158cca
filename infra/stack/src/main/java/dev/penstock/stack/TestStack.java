package dev.penstock.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.LoggerFactory;

/// One Postgres and one Kafka broker per test JVM, each started at its first use on a free port, in
/// a temporary directory that is gone with the JVM.
///
/// Postgres has hostile defaults for how values are shown: a service that depends on them fails
/// here.
public final class TestStack {
  private static final String PREFIX = "penstock-test-";
  private static final Map<String, String> HOSTILE =
      Map.of(
          "timezone", "Australia/Eucla",
          "datestyle", "SQL, DMY",
          "intervalstyle", "postgres_verbose",
          "bytea_output", "escape",
          "extra_float_digits", "0",
          // Every database of a test has one.
          "max_replication_slots", "200");

  private static final Queue<Runnable> STARTED = new ConcurrentLinkedQueue<>();

  private TestStack() {}

  /// Holders, so that a test of Postgres alone starts no broker.
  private static final class Shared {
    static final Path DIRECTORY = directory();
  }

  private static final class SharedPostgres {
    static final PostgresServer SERVER =
        PostgresServer.start(Shared.DIRECTORY.resolve("postgres"), 0, HOSTILE);

    static {
      // Nothing of it is wanted any more at the end.
      STARTED.add(SERVER::kill);
    }
  }

  private static final class SharedKafka {
    static final KafkaBroker BROKER =
        KafkaBroker.startInProcess(Shared.DIRECTORY.resolve("kafka"), 0, 0, Map.of());

    static {
      // Or it would end the JVM with an error when its directory goes.
      STARTED.add(BROKER::stop);
    }
  }

  /// Do not stop it: every test of this JVM shares it. For a server to kill, start one of your own.
  public static PostgresServer postgres() {
    return SharedPostgres.SERVER;
  }

  /// Do not stop it: every test of this JVM shares it. For a broker to kill,
  /// [KafkaBroker#startChild(Path)].
  public static KafkaBroker kafka() {
    return SharedKafka.BROKER;
  }

  /// A fresh, empty database of its own; returns its JDBC URL.
  public static String newDatabase() {
    String name = "t_" + unique();
    postgres().createDatabase(name);
    return postgres().jdbcUrl(name);
  }

  /// A prefix for topics, groups and transactional ids that no other test has, such as `t-1f0c….`.
  public static String newTopicPrefix() {
    return "t-" + unique() + ".";
  }

  public static String bootstrapServers() {
    return kafka().bootstrapServers();
  }

  /// Without effect where the topic exists.
  public static void createTopic(String name, int partitions, Map<String, String> configs) {
    Topics.create(bootstrapServers(), name, partitions, configs);
  }

  private static String unique() {
    return UUID.randomUUID().toString().replace("-", "");
  }

  private static Path directory() {
    try {
      TestDirectories.deleteStale(Path.of(System.getProperty("java.io.tmpdir")), PREFIX);
      Path directory = Files.createTempDirectory(PREFIX);
      DirectoryLock lock = DirectoryLock.take(directory);
      Runtime.getRuntime()
          .addShutdownHook(new Thread(() -> discard(directory, lock), "test-stack-stop"));
      return directory;
    } catch (IOException e) {
      throw new StackException("No temporary directory could be created for the test stack.", e);
    }
  }

  private static void discard(Path directory, DirectoryLock lock) {
    try (lock) {
      STARTED.forEach(Runnable::run);
      Directories.delete(directory);
    } catch (IOException | RuntimeException e) {
      LoggerFactory.getLogger(TestStack.class)
          .atWarn()
          .addKeyValue("directory", directory)
          .setCause(e)
          .log("The test stack was not removed");
    }
  }
}
