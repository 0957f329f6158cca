package dev.penstock.stack;

import java.util.Map;

/// A Postgres and a Kafka broker, wherever they run.
public interface Stack extends AutoCloseable {

  /// With everything in it that is needed to connect.
  String jdbcUrl(String database);

  /// `host:port`.
  String bootstrapServers();

  /// Without effect where the database exists.
  default void createDatabase(String name) {
    PostgresSql.createDatabase(jdbcUrl("postgres"), name);
  }

  /// Without effect where the topic exists; returns when its leader answers.
  ///
  /// @param configs Kafka's topic settings
  default void createTopic(String name, int partitions, Map<String, String> configs) {
    Topics.create(bootstrapServers(), name, partitions, configs);
  }

  /// Stops Kafka, then Postgres, each within its bound.
  @Override
  void close();
}
