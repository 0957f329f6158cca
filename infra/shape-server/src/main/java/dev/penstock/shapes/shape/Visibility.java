package dev.penstock.shapes.shape;

import java.util.ArrayList;
import java.util.List;

/// Which transactions a snapshot sees, in the 32-bit domain of the txids on the wire.
///
/// @param xmin every earlier transaction is visible
/// @param xmax this and every later transaction is not
/// @param running those between that were under way
public record Visibility(int xmin, int xmax, List<Integer> running) {
  /// Sees nothing: of a handle without a snapshot.
  public static final Visibility NONE = new Visibility(0, 0, List.of());

  public Visibility {
    running = List.copyOf(running);
  }

  /// Reads `pg_current_snapshot()::text`, whose numbers have 64 bits.
  public static Visibility parse(String text) {
    String[] parts = text.split(":", -1);
    List<Integer> running = new ArrayList<>();
    if (!parts[2].isEmpty()) {
      for (String xid : parts[2].split(",", -1)) {
        running.add((int) Long.parseLong(xid));
      }
    }
    return new Visibility((int) Long.parseLong(parts[0]), (int) Long.parseLong(parts[1]), running);
  }

  /// Whether the snapshot sees a transaction. Holds for transactions less than 2^31 away.
  public boolean sees(int xid) {
    if (xid - xmin < 0) {
      return true;
    }
    return xid - xmax < 0 && !running.contains(xid);
  }
}
