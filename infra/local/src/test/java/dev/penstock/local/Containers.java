package dev.penstock.local;

import dev.penstock.stack.ContainerStack;
import java.util.List;

/// Postgres, Kafka and a real Electric in containers, for machines that have an engine.
final class Containers implements AutoCloseable {
  private static final String DATABASE = "penstock";
  private static final String SECRET = "an-electric-secret";

  private final ContainerStack stack = ContainerStack.start();

  /// What the launcher is told of them.
  List<String> settings() {
    stack.createDatabase(DATABASE);
    String url = stack.jdbcUrl(DATABASE);
    return List.of(
        "--database-url=" + url,
        "--kafka-bootstrap-servers=" + stack.bootstrapServers(),
        "--electric-url=" + stack.startElectric(DATABASE, SECRET),
        "--electric-secret=" + SECRET);
  }

  String bootstrapServers() {
    return stack.bootstrapServers();
  }

  @Override
  public void close() {
    stack.close();
  }
}
