package dev.penstock.command;

import java.sql.SQLException;
import java.util.Optional;
import org.springframework.transaction.TransactionException;

/// What a failure of the database means for the request that met it.
enum Failure {
  /// Postgres chose this transaction to give way; another attempt is likely to pass.
  GAVE_WAY,
  /// Down, starting, stopping, full, read-only, or too slow: the request may come again later.
  UNAVAILABLE,
  /// A fault of this program or of the schema.
  FAULT;

  static Failure of(RuntimeException failure) {
    String state = sqlState(failure).orElse("");
    return switch (state) {
      case "40001", "40P01" -> GAVE_WAY;
      // Canceled by statement_timeout, lock not available, read-only transaction (a standby),
      // transaction ended by a timeout of the server.
      case "57014", "55P03", "25006", "25P03", "25P04" -> UNAVAILABLE;
      // The pool's own failures have no state.
      case "" ->
          failure instanceof TransactionException || cause(failure).isPresent()
              ? UNAVAILABLE
              : FAULT;
      default -> ofClass(state);
    };
  }

  private static Failure ofClass(String state) {
    return switch (state.substring(0, 2)) {
      // Connection, authorization (the server may not yet know us), resources, limits, operator
      // intervention, system error.
      case "08", "28", "53", "54", "57", "58" -> UNAVAILABLE;
      default -> FAULT;
    };
  }

  static Optional<String> sqlState(Throwable failure) {
    return cause(failure).map(SQLException::getSQLState);
  }

  /// The innermost, since pool and framework wrap the driver's.
  private static Optional<SQLException> cause(Throwable failure) {
    SQLException found = null;
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof SQLException e && (found == null || e.getSQLState() != null)) {
        found = e;
      }
    }
    return Optional.ofNullable(found);
  }
}
