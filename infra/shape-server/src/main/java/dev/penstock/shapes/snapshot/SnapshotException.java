package dev.penstock.shapes.snapshot;

import java.sql.SQLException;

/// A snapshot that could not be taken. The message is the client's to read.
public final class SnapshotException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /// Whose fault it is.
  public enum Kind {
    /// The clause: Postgres refuses a value of it.
    CLAUSE,
    /// The table was altered meanwhile: look at the catalogue again.
    STALE,
    /// The load, a lock, a privilege: later it may work.
    UNAVAILABLE,
    /// The database does not answer.
    UNREACHABLE
  }

  private final Kind kind;

  SnapshotException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  private SnapshotException(Kind kind, String message, SQLException cause) {
    super(message, cause);
    this.kind = kind;
  }

  static SnapshotException of(SQLException e) {
    String state = String.valueOf(e.getSQLState());
    // "cannot convert NaN to integer" counts as a feature that is not supported.
    if (state.startsWith("22") || state.equals("0A000")) {
      return new SnapshotException(Kind.CLAUSE, "a value is not valid for its column", e);
    }
    return switch (state) {
      case "42P01", "42703", "3F000" ->
          new SnapshotException(Kind.STALE, "the table was altered", e);
      case "55P03" ->
          new SnapshotException(
              Kind.UNAVAILABLE, "Snapshot timed out while waiting for a table lock", e);
      case "42501" ->
          new SnapshotException(
              Kind.UNAVAILABLE, "Snapshot was refused: insufficient privilege", e);
      default -> new SnapshotException(Kind.UNREACHABLE, "Database is unreachable", e);
    };
  }

  public Kind kind() {
    return kind;
  }
}
