package dev.penstock.command.txid;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.command.txid.Trail.Reason;
import dev.penstock.command.txid.Trail.State;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/// Where the log does not simply go on.
@Timeout(60)
class TracerEdgesTest {
  private final Instant now = Instant.now();
  private final Instant longAgo = now.minus(Duration.ofHours(1));

  private static Trail trail(TxidTracer tracer, long txid) {
    return tracer.ofCaller(txid, "alice").orElseThrow();
  }

  private static List<Step.Status> statuses(Trail trail) {
    return trail.steps().stream().map(Step::status).toList();
  }

  @Test
  void whatBeganBeforeASnapshotIsInItAndWhatBeganLaterIsNot() throws Exception {
    try (TracedLog log = new TracedLog();
        TxidTracer tracer = log.tracer()) {
      // Given a log that no search has passed yet: each goes through the snapshot
      long before = log.command(longAgo.minusSeconds(60));
      long later = log.command(now);
      UUID generation = log.open(longAgo, true);
      log.pass();

      Trail inSnapshot = trail(tracer, before);
      assertThat(inSnapshot.reason()).isEqualTo(Reason.IN_A_SNAPSHOT);
      assertThat(inSnapshot.steps().get(1).generation()).isEqualTo(generation);
      Trail noRow = trail(tracer, later);
      assertThat(noRow.state()).isEqualTo(State.NEVER_ARRIVES);
      assertThat(noRow.reason()).isEqualTo(Reason.NO_SYNCED_ROW_CHANGED);
    }
  }

  @Test
  void whatTheLogHadBeforeANewGenerationHasArrivedWhereverShapesAreInTheNewOne() throws Exception {
    try (TracedLog log = new TracedLog()) {
      UUID first = log.open(now, false);
      long txid = log.command(now);
      long lsn = log.commit(txid, now);
      log.route(first, txid, lsn);
      UUID second = log.open(now, true);
      log.pass();

      try (ShapeServerStub ahead = ShapeServerStub.at(second, 1, -1);
          ShapeServerStub behind = ShapeServerStub.at(first, lsn - 1, -1);
          TxidTracer one = log.tracer(ahead.uri());
          TxidTracer both = log.tracer(ahead.uri(), behind.uri())) {
        Trail arrived = trail(one, txid);
        assertThat(arrived.state()).isEqualTo(State.ARRIVED);
        assertThat(arrived.steps().get(3).at()).isNull();
        assertThat(arrived.steps().get(3).detail()).contains("new generation");
        assertThat(arrived.steps().get(1).generation()).isEqualTo(first);
        assertThat(trail(both, txid).state()).isEqualTo(State.ON_ITS_WAY);
      }
    }
  }

  @Test
  void aRecordOfAnotherGenerationWithTheSameLsnIsNotTheTransactions() throws Exception {
    try (TracedLog log = new TracedLog();
        TxidTracer tracer = log.tracer()) {
      UUID generation = log.open(now, false);
      long txid = log.command(now);
      long lsn = log.commit(txid, now);
      log.route(UUID.randomUUID(), txid, lsn);
      assertThat(trail(tracer, txid).steps().get(2).status()).isEqualTo(Step.Status.PENDING);
      log.route(generation, txid, lsn);
      assertThat(trail(tracer, txid).steps().get(2).records())
          .singleElement()
          .satisfies(placed -> assertThat(placed.offset()).isEqualTo(1));
    }
  }

  @Test
  void whatTheLogDoesNotHoldAnyMoreIsUnknownAndWhatCameLaterIsNot() throws Exception {
    try (TracedLog log = new TracedLog();
        TxidTracer tracer = log.tracer();
        // Another, which remembers no place of the log.
        TxidTracer fresh = log.tracer()) {
      // Given a log whose old end was cut at a claim
      long old = log.command(longAgo);
      UUID generation = log.open(now, false);
      log.commit(old, longAgo);
      log.resume(generation, 1);
      log.pass();
      log.cutBefore(log.epoch());

      Trail gone = trail(tracer, old);
      assertThat(gone.state()).isEqualTo(State.UNKNOWN);
      assertThat(gone.detail()).contains("any more");
      // A command that began long after the oldest record changed nothing, or the log had it.
      long young = log.command(Instant.now().plusSeconds(10));
      Trail noRow = trail(fresh, young);
      assertThat(noRow.reason()).isEqualTo(Reason.NO_SYNCED_ROW_CHANGED);
    }
  }

  @Test
  void behindAGapItIsOnItsWayWithASentence() throws Exception {
    try (TracedLog log = new TracedLog();
        TxidTracer tracer = log.tracer()) {
      UUID generation = log.open(now, false);
      log.commit(7, now);
      // When a leader goes on behind transactions that the log does not have
      log.resume(generation, 5);
      long txid = log.command(now);
      log.commit(txid, now);

      Trail trail = trail(tracer, txid);
      assertThat(trail.state()).isEqualTo(State.ON_ITS_WAY);
      assertThat(trail.detail()).contains("gap");
      assertThat(statuses(trail))
          .containsExactly(
              Step.Status.DONE, Step.Status.PENDING, Step.Status.PENDING, Step.Status.PENDING);
    }
  }

  @Test
  void ofTwoTransactionsWithOneTxidTheLogsIsTheOneThatCommittedAfterItsCommandBegan()
      throws Exception {
    try (TracedLog log = new TracedLog();
        TxidTracer tracer = log.tracer()) {
      log.open(now, false);
      long txid = log.command(now);
      // 2³² transactions ago.
      log.commit(txid, longAgo);
      long lsn = log.commit(txid, now);
      assertThat(trail(tracer, txid).steps().get(1).commitLsn()).isEqualTo(Long.toString(lsn));
    }
  }

  @Test
  void aTxidIsOfThePresentEpochElseOfTheOneBefore() throws Exception {
    try (TracedLog log = new TracedLog()) {
      // Given a Postgres whose next transaction is 2³² + 2 000 000
      log.database.sql("create schema if not exists wrapped").update();
      log.database
          .sql(
              "create or replace function wrapped.pg_snapshot_xmax(pg_snapshot) returns xid8"
                  + " language sql return '4296967296'::xid8")
          .update();
      CommandRows rows =
          new CommandRows(
              JdbcClient.create(
                  new DriverManagerDataSource(
                      TracedLog.urlWithSearchPath("wrapped,pg_catalog,public"), "postgres", "")));
      long again = log.command(now);
      long wrapped = (1L << 32) | again;
      log.command(wrapped, now);
      long once = log.command(now);

      assertThat(rows.find(again, "alice")).map(CommandRow::xid).hasValue(wrapped);
      assertThat(rows.find(once, "alice")).map(CommandRow::xid).hasValue(once);
      // Postgres knows neither: the one is in its future, the other too old.
      assertThat(rows.status(1_000_000_000)).isEmpty();
    }
  }
}
