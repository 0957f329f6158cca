package dev.penstock.stack;

import java.nio.file.Path;

/// What the kinds of broker have in common: the directory and what is written there.
abstract sealed class BrokerOnDirectory implements KafkaBroker
    permits InProcessKafkaBroker, ChildKafkaBroker {
  final KafkaDirectory directory;

  BrokerOnDirectory(KafkaDirectory directory) {
    this.directory = directory;
  }

  @Override
  public final String bootstrapServers() {
    return "127.0.0.1:" + directory.port();
  }

  @Override
  public final int port() {
    return directory.port();
  }

  @Override
  public final int controllerPort() {
    return directory.controllerPort();
  }

  @Override
  public final Path directory() {
    return directory.path();
  }

  @Override
  public final void close() {
    try {
      stop();
    } finally {
      directory.close();
    }
  }
}
