package dev.penstock.stack;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A broker in a JVM of its own with a heap of 256 MB, on this JVM's class path. Its warnings go to
/// `broker.log` in the directory.
public final class ChildKafkaBroker extends BrokerOnDirectory {
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

  private @Nullable Process process;

  private ChildKafkaBroker(KafkaDirectory directory) {
    super(directory);
  }

  static ChildKafkaBroker start(KafkaDirectory directory) {
    ChildKafkaBroker broker = new ChildKafkaBroker(directory);
    try {
      broker.start();
      return broker;
    } catch (RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  @Override
  public synchronized void start() {
    if (isRunning()) {
      return;
    }
    directory.prepare();
    try {
      Process child =
          new ProcessBuilder(command())
              .redirectError(ProcessBuilder.Redirect.to(directory.log().toFile()))
              .start();
      process = child;
      directory.rememberChild(child.pid());
      if (!ready(child)) {
        kill();
        throw new StackException(
            "Kafka did not start on "
                + directory.path()
                + " and port "
                + directory.port()
                + ": "
                + Directories.tail(directory.log()));
      }
    } catch (IOException e) {
      throw StackException.unwritable(directory.path(), e);
    }
  }

  private List<String> command() {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx256m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        // Whichever SLF4J back end the class path has: warnings only.
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
        "-Dlogback.configurationFile=dev/penstock/stack/broker-logback.xml",
        "-cp",
        System.getProperty("java.class.path"),
        KafkaBrokerProcess.class.getName(),
        directory.propertiesFile().toString());
  }

  private static boolean ready(Process child) {
    CompletableFuture<Boolean> line = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try (BufferedReader reader = child.inputReader(StandardCharsets.UTF_8)) {
            line.complete(KafkaBrokerProcess.READY.equals(reader.readLine()));
          } catch (IOException e) {
            line.complete(false);
          }
        });
    try {
      return line.get(START_LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public synchronized void stop() {
    // A frozen one would not hear of it.
    thaw();
    end(Process::destroy);
  }

  /// SIGKILL; returns when the process is gone. Also ends a frozen one.
  public synchronized void kill() {
    end(Process::destroyForcibly);
  }

  private void end(Consumer<Process> how) {
    Process child = process;
    if (child == null) {
      return;
    }
    try {
      how.accept(child);
      if (!child.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        child.destroyForcibly().waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      child.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    process = null;
  }

  /// SIGSTOP: connections stay open, nothing answers.
  public synchronized void freeze() {
    signal("STOP");
  }

  /// SIGCONT.
  public synchronized void thaw() {
    signal("CONT");
  }

  private void signal(String name) {
    Process child = process;
    if (child != null) {
      Processes.signal(name, child.pid());
    }
  }

  @Override
  public synchronized boolean isRunning() {
    return process != null && process.isAlive();
  }
}
