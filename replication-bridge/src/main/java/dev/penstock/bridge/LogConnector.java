package dev.penstock.bridge;

import io.debezium.connector.postgresql.PostgresConnector;
import org.apache.kafka.connect.connector.Task;

/// Debezium's Postgres connector with a task that feeds the log. Public, since the engine makes it
/// by its name.
public final class LogConnector extends PostgresConnector {
  @Override
  public Class<? extends Task> taskClass() {
    return LogConnectorTask.class;
  }
}
