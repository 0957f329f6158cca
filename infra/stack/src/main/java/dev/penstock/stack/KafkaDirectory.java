package dev.penstock.stack;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;

/// The data directory of one broker: locked, formatted, with its `server.properties` and the pid of
/// a child that may have outlived its parent.
final class KafkaDirectory implements AutoCloseable {
  private static final Duration KILL_LIMIT = Duration.ofSeconds(5);

  private final Path directory;
  private final int port;
  private final int controllerPort;
  private final Map<String, String> settings;
  private final DirectoryLock lock;

  private KafkaDirectory(
      Path directory,
      int port,
      int controllerPort,
      Map<String, String> settings,
      DirectoryLock lock) {
    this.directory = directory;
    this.port = port;
    this.controllerPort = controllerPort;
    this.settings = Map.copyOf(settings);
    this.lock = lock;
  }

  static KafkaDirectory open(
      Path directory, int port, int controllerPort, Map<String, String> settings) {
    DirectoryLock lock = DirectoryLock.take(directory);
    try {
      int broker = Ports.orFree(port);
      int controller = Ports.orFree(controllerPort);
      while (controller == broker && controllerPort == 0) {
        controller = Ports.orFree(0);
      }
      return new KafkaDirectory(directory.toRealPath(), broker, controller, settings, lock);
    } catch (IOException e) {
      lock.close();
      throw StackException.unwritable(directory, e);
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  Path path() {
    return directory;
  }

  int port() {
    return port;
  }

  int controllerPort() {
    return controllerPort;
  }

  Path propertiesFile() {
    return directory.resolve("server.properties");
  }

  Path log() {
    return directory.resolve("broker.log");
  }

  /// Leaves the directory ready for a start: no orphan, ports free, formatted, `server.properties`
  /// written.
  Properties prepare() {
    killOrphan();
    Ports.requireFree(port, "Kafka", directory);
    Ports.requireFree(controllerPort, "Kafka's controller", directory);
    Path logs = directory.resolve("logs");
    Properties properties = KafkaSettings.of(logs, port, controllerPort, settings);
    try {
      Files.createDirectories(logs);
      try (Writer writer = Files.newBufferedWriter(propertiesFile())) {
        properties.store(writer, null);
      }
    } catch (IOException e) {
      throw StackException.unwritable(directory, e);
    }
    if (!Files.exists(logs.resolve("meta.properties"))) {
      format();
    }
    return properties;
  }

  void rememberChild(long pid) {
    try {
      Files.writeString(pidFile(), Long.toString(pid));
    } catch (IOException e) {
      throw StackException.unwritable(directory, e);
    }
  }

  private void format() {
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    String[] arguments = {
      "format",
      "-t",
      Uuid.randomUuid().toString(),
      "-c",
      propertiesFile().toString(),
      "--ignore-formatted"
    };
    int code =
        StorageTool.execute(arguments, new PrintStream(output, true, StandardCharsets.UTF_8));
    if (code != 0) {
      throw new StackException(
          "Kafka could not format "
              + directory
              + ": "
              + output.toString(StandardCharsets.UTF_8).strip());
    }
  }

  /// A child dies with its parent, but perhaps a moment later, or not at all while frozen.
  private void killOrphan() {
    try {
      if (!Files.exists(pidFile())) {
        return;
      }
      long pid = Long.parseLong(Files.readString(pidFile()).strip());
      if (Processes.commandLineContains(pid, propertiesFile().toString())) {
        Processes.signal("KILL", pid);
        Processes.awaitDeath(pid, KILL_LIMIT);
      }
      Files.deleteIfExists(pidFile());
    } catch (IOException | NumberFormatException e) {
      throw StackException.unwritable(directory, e);
    }
  }

  private Path pidFile() {
    return directory.resolve("broker.pid");
  }

  @Override
  public void close() {
    lock.close();
  }
}
