package dev.penstock.bridge;

import dev.penstock.bridge.router.Router;
import dev.penstock.contracts.Txid;
import dev.penstock.contracts.log.LogOrigin;
import dev.penstock.contracts.log.LogWriter;
import dev.penstock.contracts.log.Lsn;
import dev.penstock.contracts.log.ReaderState;
import dev.penstock.contracts.log.ResumePoint;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How a term begins in the log: it goes on with the generation, or opens a new one, with a
/// snapshot unless there is nothing but what the slot will show.
final class GenerationOpening {
  private static final Logger log = LoggerFactory.getLogger(GenerationOpening.class);
  private static final String FIRST = "the log is new";

  private final BridgeSettings settings;
  private final BridgeMetrics metrics;
  private final LogWriter writer;
  private final Connection catalog;
  private final AtomicReference<@Nullable Refutation> refuted;
  private final CompletableFuture<?> ended;

  /// @param writer has claimed
  /// @param refuted what an earlier term found, and this one may find
  /// @param ended completed when the term is over: what takes long is given up then
  GenerationOpening(
      BridgeSettings settings,
      BridgeMetrics metrics,
      LogWriter writer,
      Connection catalog,
      AtomicReference<@Nullable Refutation> refuted,
      CompletableFuture<?> ended) {
    this.settings = settings;
    this.metrics = metrics;
    this.writer = writer;
    this.catalog = catalog;
    this.refuted = refuted;
    this.ended = ended;
  }

  /// Where the slot's stream goes on.
  ///
  /// @param epoch the latest claim
  /// @param replay for what the slot sends before `start`
  record Begun(LogOrigin origin, UUID generation, ResumePoint start, long epoch, Replay replay) {}

  /// @param tail what the log holds up to the claim
  /// @param epoch the claim
  Begun begin(LogTail tail, String topicId, long epoch) throws SQLException, InterruptedException {
    Optional<Slot> slot = Slot.find(catalog, settings.slot(), settings.publication());
    Cluster cluster = Cluster.read(catalog);
    if (tail.state().isEmpty()) {
      Optional<String> older = older(slot);
      return older.isPresent()
          ? anew(older.get(), slot, cluster, topicId, 0)
          : first(slot.orElseThrow(), cluster, topicId, epoch);
    }
    ReaderState state = tail.state().get();
    Refutation found = refuted.get();
    if (found != null && found.generation().equals(state.generation())) {
      return anew(found.reason(), slot, cluster, topicId, 0);
    }
    LogOrigin origin = tail.origin().orElseThrow();
    Takeover takeover = Takeover.of(state, origin, slot, cluster, topicId, settings);
    if (takeover.reason().isPresent()) {
      long known = takeover.history() ? state.point().commitLsn() : 0;
      return anew(takeover.reason().get(), slot, cluster, topicId, known);
    }
    LogOrigin present = origin.onTimeline(cluster.timeline());
    writer.resume(state, present);
    return begun(present, state.generation(), state.point(), epoch, tail.since(), tail.last());
  }

  /// Why the slot will not show everything; empty if it will.
  private Optional<String> older(Optional<Slot> slot) throws SQLException {
    if (slot.isEmpty()) {
      return Optional.of(FIRST + ", and there was no replication slot");
    }
    if (!slot.get().lost().isEmpty()) {
      return Optional.of(FIRST + ", and the replication slot was lost: " + slot.get().lost());
    }
    if (Router.hasRouted(settings.routing(), settings.kafka())) {
      return Optional.of(FIRST + ", and the keyed topics hold records");
    }
    if (OldRows.exist(settings.database(), settings.slot(), settings.publication())) {
      return Optional.of(
          FIRST + ", and the published tables have rows that are older than the replication slot");
    }
    return Optional.empty();
  }

  private Begun first(Slot slot, Cluster cluster, String topicId, long epoch) {
    LogOrigin origin = origin(FIRST, cluster, topicId, slot.confirmedLsn(), 0);
    UUID generation = writer.open(origin);
    return begun(origin, generation, new ResumePoint(slot.confirmedLsn(), 0, 0), epoch);
  }

  private Begun begun(LogOrigin origin, UUID generation, ResumePoint start, long epoch) {
    return begun(origin, generation, start, epoch, start.commitLsn(), Optional.empty());
  }

  private Begun begun(
      LogOrigin origin,
      UUID generation,
      ResumePoint start,
      long epoch,
      long since,
      Optional<ResumePoint> last) {
    Replay replay =
        new Replay(
            start.commitLsn(),
            since,
            last,
            reason -> refuted.set(new Refutation(generation, reason)));
    return new Begun(origin, generation, start, epoch, replay);
  }

  /// A usable slot stays: between it and the snapshot lie messages, which no snapshot shows.
  ///
  /// @param known up to where the log has this history, 0 if it has another
  private Begun anew(
      String reason, Optional<Slot> slot, Cluster cluster, String topicId, long known)
      throws SQLException, InterruptedException {
    log.atWarn().log("the log needs a new generation: {}", reason);
    Optional<Slot> usable = slot.filter(found -> found.lost().isEmpty());
    SnapshotRows rows;
    long lsn;
    try (SlotSnapshot snapshot = snapshot(slot, usable)) {
      lsn = snapshot.lsn();
      rows =
          new SnapshotRows(settings.database(), settings.publication(), snapshot.name(), metrics);
    }
    try (rows) {
      var _ = ended.thenRun(rows::abort);
      rows.awaitSeenByAll(catalog);
      long start = usable.map(kept -> later(kept.confirmedLsn(), known)).orElse(lsn);
      return write(rows, origin(reason, cluster, topicId, start, lsn));
    }
  }

  private Begun write(SnapshotRows rows, LogOrigin origin)
      throws SQLException, InterruptedException {
    long began = System.nanoTime();
    UUID generation = writer.open(origin);
    rows.write(writer, catalog);
    // A txid of its own, which no transaction of a client has.
    ResumePoint point = new ResumePoint(origin.startLsn(), txid(), now());
    writer.commit(point, true);
    writer.flush();
    if (!writer.acknowledged().equals(Optional.of(point))) {
      throw new IllegalStateException(
          "the log did not take the snapshot", writer.failure().orElse(null));
    }
    // The snapshot can be large: who looks for the tail must not have to read it.
    long epoch = writer.claim(settings.instance());
    writer.resume(new ReaderState(epoch + 1, generation, epoch, 0, 1, point), origin);
    metrics.generation();
    log.atWarn()
        .addKeyValue("generation", generation)
        .addKeyValue("lsn", Lsn.format(origin.snapshotLsn()))
        .addKeyValue("millis", (System.nanoTime() - began) / 1_000_000)
        .log("opened a new generation with a snapshot: {}", origin.reason());
    return begun(origin, generation, point, epoch);
  }

  private SlotSnapshot snapshot(Optional<Slot> slot, Optional<Slot> usable)
      throws SQLException, InterruptedException {
    String command;
    if (usable.isPresent()) {
      command =
          "CREATE_REPLICATION_SLOT \"%s\" TEMPORARY LOGICAL pgoutput"
              .formatted(SlotSnapshot.temporaryName(settings.slot()));
    } else {
      if (slot.isPresent()) {
        drop();
      }
      boolean failover = settings.failoverSlot() && FailoverSlot.known(catalog);
      command =
          "CREATE_REPLICATION_SLOT \"%s\" LOGICAL pgoutput%s"
              .formatted(settings.slot(), failover ? " (FAILOVER true)" : "");
    }
    return SlotSnapshot.make(
        settings.database(), command, settings.snapshotPatience(), this::oldest, ended);
  }

  private long txid() throws SQLException {
    try (Statement statement = catalog.createStatement();
        ResultSet row = statement.executeQuery(Txid.CURRENT)) {
      row.next();
      return row.getLong(1);
    }
  }

  private void drop() throws SQLException {
    try (PreparedStatement drop = catalog.prepareStatement("select pg_drop_replication_slot(?)")) {
      drop.setString(1, settings.slot());
      drop.execute();
    }
  }

  private String oldest() throws SQLException {
    try (Statement statement = catalog.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                select format('pid %s of database %s, begun %s ago', pid, datname,
                              date_trunc('second', clock_timestamp() - xact_start))
                from pg_stat_activity where backend_xid is not null
                order by xact_start limit 1\
                """)) {
      metrics.snapshotWaits();
      return row.next() ? row.getString(1) : "none is found, it may be prepared";
    }
  }

  private LogOrigin origin(
      String reason, Cluster cluster, String topicId, long startLsn, long snapshotLsn) {
    return new LogOrigin(
        reason,
        cluster.systemIdentifier(),
        cluster.timeline(),
        cluster.database(),
        settings.slot(),
        topicId,
        startLsn,
        snapshotLsn,
        now());
  }

  private static long now() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  private static long later(long one, long other) {
    return Long.compareUnsigned(one, other) > 0 ? one : other;
  }
}
