package dev.penstock.command;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.support.TransactionOperations;

/// Writes a command in one transaction of two round trips: its [Pipeline], and the commit.
final class CommandWriter {
  private static final String FOREIGN_KEY_VIOLATION = "23503";

  private final CommandMetrics metrics;
  private final JdbcOperations jdbc;
  private final TransactionOperations transactions;

  /// @param transactions of READ COMMITTED, on `jdbc`'s connections
  CommandWriter(CommandMetrics metrics, JdbcOperations jdbc, TransactionOperations transactions) {
    this.metrics = metrics;
    this.jdbc = jdbc;
    this.transactions = transactions;
  }

  /// @param traceParent valid, or null
  /// @throws org.springframework.dao.DataAccessException or
  ///   [org.springframework.transaction.TransactionException] where it is unknown whether the
  ///   command was written; to repeat it is safe
  Outcome write(Command command, @Nullable String traceParent) {
    Pipeline pipeline = Pipeline.of(command, traceParent, Instant.now());
    return metrics.write(() -> write(pipeline));
  }

  private Outcome write(Pipeline pipeline) {
    try {
      return transactions.execute(status -> {
        Outcome outcome = run(pipeline);
        if (!(outcome instanceof Outcome.Written written) || written.repeated()) {
          // Nothing was written but perhaps the trace.
          status.setRollbackOnly();
        }
        return outcome;
      });
    } catch (DuplicateKeyException e) {
      // The command is new, but an id of its rows is not.
      return new Outcome.IdTaken();
    } catch (DataIntegrityViolationException e) {
      if (Failure.sqlState(e).filter(FOREIGN_KEY_VIOLATION::equals).isPresent()) {
        // Deleted between the check and the insert.
        return new Outcome.ConversationNotFound();
      }
      throw e;
    }
  }

  private Outcome run(Pipeline pipeline) {
    return jdbc.execute(
        connection -> {
          if (connection.getAutoCommit()) {
            throw new IllegalStateException(
                "a txid is read inside the writing transaction, not in auto-commit");
          }
          return connection.prepareStatement(pipeline.sql());
        },
        (PreparedStatement statement) -> outcome(statement, pipeline));
  }

  private static Outcome outcome(PreparedStatement statement, Pipeline pipeline)
      throws SQLException {
    List<Object> parameters = pipeline.parameters();
    for (int i = 0; i < parameters.size(); i++) {
      statement.setObject(i + 1, parameters.get(i));
    }
    statement.execute();
    for (int i = 1; i < pipeline.statements().size(); i++) {
      statement.getMoreResults();
    }
    try (ResultSet row = statement.getResultSet()) {
      if (!row.next()) {
        return new Outcome.ConversationNotFound();
      }
      if (!row.getBoolean("same")) {
        return new Outcome.IdTaken();
      }
      return row.getBoolean("written_here")
          ? new Outcome.Written(Long.parseLong(row.getString("current")), false)
          : new Outcome.Written(Long.parseLong(row.getString("txid")), true);
    }
  }
}
