package dev.penstock.bridge;

import dev.penstock.contracts.log.LogOrigin;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/// Which Postgres this is: a restored or promoted one has the same address and another identity.
record Cluster(String systemIdentifier, int timeline, String database) {

  static Cluster read(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                select (select system_identifier::text from pg_control_system()),
                       (select timeline_id from pg_control_checkpoint()), current_database()\
                """)) {
      row.next();
      return new Cluster(row.getString(1), row.getInt(2), row.getString(3));
    }
  }

  LogOrigin origin(String reason, Slot slot, String topicId) {
    return new LogOrigin(
        reason, systemIdentifier, timeline, database, slot.name(), topicId, slot.confirmedLsn());
  }
}
