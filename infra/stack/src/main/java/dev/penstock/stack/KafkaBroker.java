package dev.penstock.stack;

import java.nio.file.Path;
import java.util.Map;

/// One Kafka broker (KRaft, broker and controller in one) on 127.0.0.1, on a data directory that
/// outlives it.
///
/// Acknowledged records survive a stop, a SIGKILL and other ports at the next start; not a power
/// failure (the log is not flushed per record). Topics are never created by asking for them.
/// Records of 40 MiB pass. After a SIGKILL it serves again within about 5 s.
public sealed interface KafkaBroker extends AutoCloseable permits BrokerOnDirectory {

  /// In this JVM. A fatal fault of the broker ends the JVM, as it does in Kafka's own process.
  ///
  /// @param port 0 chooses a free one, which the object keeps over [#stop] and [#start]
  /// @param controllerPort likewise
  /// @param settings win over this library's own; names as in `server.properties`
  /// @throws StackException port busy, directory in use or not writable, or Kafka itself refused
  static KafkaBroker startInProcess(
      Path directory, int port, int controllerPort, Map<String, String> settings) {
    return InProcessKafkaBroker.start(
        KafkaDirectory.open(directory, port, controllerPort, settings));
  }

  /// In a JVM of its own, which can be killed and frozen and which dies with this one.
  static ChildKafkaBroker startChild(
      Path directory, int port, int controllerPort, Map<String, String> settings) {
    return ChildKafkaBroker.start(KafkaDirectory.open(directory, port, controllerPort, settings));
  }

  /// On free ports.
  static ChildKafkaBroker startChild(Path directory) {
    return startChild(directory, 0, 0, Map.of());
  }

  /// `host:port`.
  String bootstrapServers();

  int port();

  int controllerPort();

  Path directory();

  /// Serves again after [#stop], on the same directory and ports; returns when it does. Without
  /// effect while it runs.
  void start();

  /// Bounded to about 15 s.
  void stop();

  boolean isRunning();

  /// [#stop], and the directory is free for another owner.
  @Override
  void close();
}
