package dev.penstock.bridge;

import io.debezium.config.Configuration;
import io.debezium.connector.postgresql.PostgresConnectorConfig;
import io.debezium.connector.postgresql.PostgresConnectorTask;
import io.debezium.connector.postgresql.PostgresOffsetContext;
import io.debezium.connector.postgresql.PostgresPartition;
import io.debezium.connector.postgresql.PostgresSchema;
import io.debezium.connector.postgresql.connection.PostgresConnection;
import io.debezium.connector.postgresql.connection.PostgresReplicationConnection;
import io.debezium.connector.postgresql.connection.ReplicationConnection;
import io.debezium.pipeline.ChangeEventSourceCoordinator;
import java.sql.SQLException;

/// Debezium's task, on a replication connection of whose stream the log is fed. Public, since the
/// engine makes it by its class.
public final class LogConnectorTask extends PostgresConnectorTask {
  private Configuration configuration = Configuration.empty();

  @Override
  public ChangeEventSourceCoordinator<PostgresPartition, PostgresOffsetContext> start(
      Configuration config) {
    configuration = config;
    return super.start(config);
  }

  @Override
  protected ReplicationConnection buildReplicationConnection(
      PostgresConnection jdbcConnection, PostgresSchema schema, PostgresConnectorConfig config)
      throws SQLException {
    String term = configuration.getString(Seams.TERM);
    PostgresConnectorConfig waitable =
        new PostgresConnectorConfig(
            configuration
                .edit()
                .with("driver.socketFactory", WaitableSockets.class.getName())
                .with("driver.socketFactoryArg", term)
                .build());
    ReplicationConnection connection =
        super.buildReplicationConnection(jdbcConnection, schema, waitable);
    return new LogReplicationConnection((PostgresReplicationConnection) connection, term);
  }
}
