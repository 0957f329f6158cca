package dev.penstock.shapes.shape;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The last position of a shape's log that a client has seen.
///
/// @param lsn the commit LSN, 0 within the snapshot
/// @param op the operation within the transaction, [#INF] for all of it
public record Offset(long lsn, long op) implements Comparable<Offset> {
  /// Behind every operation of the transaction.
  public static final long INF = Long.MAX_VALUE;

  /// The end of the snapshot's one chunk.
  public static final Offset SNAPSHOT = new Offset(0, 0);

  /// Behind the snapshot.
  public static final Offset SNAPSHOT_END = new Offset(0, INF);

  private static final Pattern FORM = Pattern.compile("([0-9]{1,20})_([0-9]{1,18}|inf)");

  /// Reads `a_b` or `a_inf`.
  ///
  /// @throws IllegalArgumentException if it is neither
  public static Offset parse(String text) {
    Matcher m = FORM.matcher(text);
    if (!m.matches()) {
      throw new IllegalArgumentException("has invalid format");
    }
    String op = m.group(2);
    try {
      return new Offset(
          Long.parseUnsignedLong(m.group(1)), op.equals("inf") ? INF : Long.parseLong(op));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("has invalid format", e);
    }
  }

  /// An SSE client resumes at `<lsn>_0` when it has seen all of the transaction, and no response
  /// ends at operation 0 of a transaction that goes on: so operation 0 means all of it.
  public Offset whole() {
    return op == 0 ? new Offset(lsn, INF) : this;
  }

  @Override
  public int compareTo(Offset other) {
    int order = Long.compareUnsigned(lsn, other.lsn);
    return order != 0 ? order : Long.compare(op, other.op);
  }

  @Override
  public String toString() {
    return Long.toUnsignedString(lsn) + "_" + (op == INF ? "inf" : Long.toString(op));
  }
}
