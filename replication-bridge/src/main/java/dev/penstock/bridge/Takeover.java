package dev.penstock.bridge;

import dev.penstock.contracts.log.LogOrigin;
import dev.penstock.contracts.log.Lsn;
import dev.penstock.contracts.log.ReaderState;
import java.sql.SQLException;
import java.util.Optional;
import java.util.OptionalLong;

/// Whether the slot goes on where the log ends.
///
/// @param history whether the log's LSNs are of the database's own WAL
/// @param reason why the log needs a new generation, empty if it goes on
record Takeover(boolean history, Optional<String> reason) {

  /// @param slot empty if there is none
  static Takeover of(
      ReaderState tail,
      LogOrigin origin,
      Optional<Slot> slot,
      Cluster cluster,
      String topicId,
      BridgeSettings settings)
      throws SQLException {
    String other = other(tail, origin, cluster, settings);
    if (other != null) {
      return new Takeover(false, Optional.of(other));
    }
    return new Takeover(true, Optional.ofNullable(lacking(tail, origin, slot, topicId)));
  }

  private static @org.jspecify.annotations.Nullable String other(
      ReaderState tail, LogOrigin origin, Cluster cluster, BridgeSettings settings)
      throws SQLException {
    if (!origin.systemIdentifier().equals(cluster.systemIdentifier())) {
      return "the log is of another Postgres cluster";
    }
    if (!origin.database().equals(cluster.database()) || !origin.slot().equals(settings.slot())) {
      return "the log is of the slot \"%s\" in the database \"%s\""
          .formatted(origin.slot(), origin.database());
    }
    long known = known(tail, origin);
    if (origin.timeline() != cluster.timeline()) {
      OptionalLong left =
          Timelines.leftAt(settings.database(), origin.timeline(), cluster.timeline());
      if (left.isEmpty()) {
        return "Postgres is on timeline %d, which does not descend from the log's, %d"
            .formatted(cluster.timeline(), origin.timeline());
      }
      if (Long.compareUnsigned(known, left.getAsLong()) > 0) {
        return "Postgres left the log's timeline at %s, and the log ends at %s"
            .formatted(Lsn.format(left.getAsLong()), Lsn.format(known));
      }
    }
    if (Long.compareUnsigned(known, cluster.writtenLsn()) > 0) {
      return "the log ends at %s and Postgres is at %s: it was restored"
          .formatted(Lsn.format(known), Lsn.format(cluster.writtenLsn()));
    }
    return null;
  }

  private static @org.jspecify.annotations.Nullable String lacking(
      ReaderState tail, LogOrigin origin, Optional<Slot> slot, String topicId) {
    if (!origin.topicId().equals(topicId)) {
      return "the log's topic was made anew";
    }
    if (origin.hasSnapshot() && tail.number() == 0) {
      return "the snapshot of the generation before was not written to its end: "
          + origin.reason().replaceFirst("^.*not written to its end: ", "");
    }
    if (slot.isEmpty()) {
      return "the replication slot was gone";
    }
    if (!slot.get().lost().isEmpty()) {
      return "the replication slot was lost: " + slot.get().lost();
    }
    if (Long.compareUnsigned(slot.get().confirmedLsn(), tail.point().commitLsn()) > 0) {
      return "the slot is at %s and the log ends at %s: the log lost its tail"
          .formatted(Lsn.format(slot.get().confirmedLsn()), Lsn.format(tail.point().commitLsn()));
    }
    return null;
  }

  /// What the log shows is of WAL up to here: a snapshot may be ahead of the position.
  private static long known(ReaderState tail, LogOrigin origin) {
    boolean ahead =
        tail.number() > 0
            && Long.compareUnsigned(origin.snapshotLsn(), tail.point().commitLsn()) > 0;
    return ahead ? origin.snapshotLsn() : tail.point().commitLsn();
  }
}
