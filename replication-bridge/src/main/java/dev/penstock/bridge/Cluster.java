package dev.penstock.bridge;

import dev.penstock.contracts.log.Lsn;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/// Which Postgres this is: a restored or promoted one has the same address and another identity.
///
/// @param timeline of the WAL that is being written: the last checkpoint's is for some time after a
///   promotion still that of the old primary
/// @param writtenLsn up to where there is WAL
record Cluster(String systemIdentifier, int timeline, String database, long writtenLsn) {

  static Cluster read(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                select (select system_identifier::text from pg_control_system()),
                       left(pg_walfile_name(pg_current_wal_insert_lsn()), 8), current_database(),
                       pg_current_wal_insert_lsn()::text\
                """)) {
      row.next();
      return new Cluster(
          row.getString(1),
          Integer.parseInt(row.getString(2), 16),
          row.getString(3),
          Lsn.parse(row.getString(4)));
    }
  }
}
