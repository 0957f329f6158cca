package dev.penstock.stack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/// A JVM that owns a stack, writes evidence, tells the pids of broker and postmaster and waits to
/// be killed.
final class StackOwner {
  private StackOwner() {}

  static Process start(Path directory) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            StackOwner.class.getName(),
            directory.toString())
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[0]);
    PostgresServer postgres = PostgresServer.start(directory.resolve("postgres"), 0);
    ChildKafkaBroker kafka = KafkaBroker.startChild(directory.resolve("kafka"));
    postgres.createDatabase("penstock");
    Evidence.toPostgres(postgres.jdbcUrl("penstock"));
    Evidence.toKafka(kafka.bootstrapServers());
    System.out.println(
        Files.readString(kafka.directory().resolve("broker.pid"))
            + "\n"
            + PostmasterPid.read(postgres.directory().resolve("data")).orElseThrow().pid());
    System.out.flush();
    new CountDownLatch(1).await();
  }
}
