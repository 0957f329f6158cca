package dev.penstock.command.txid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.penstock.stack.TestStack;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A search costs no more than it may, and says so.
@Timeout(60)
class TracerBoundsTest {
  private static final Map<String, Object> NO_KAFKA = Map.of("bootstrap.servers", "127.0.0.1:1");
  private static final Duration LONG = Duration.ofSeconds(20);

  private static void assertBusy(TxidTracer tracer, long txid, String reason) {
    assertThatThrownBy(() -> tracer.ofCaller(txid, "alice"))
        .isInstanceOfSatisfying(
            TracerBusyException.class, busy -> assertThat(busy.reason()).isEqualTo(reason));
  }

  @Test
  void aSearchEndsAtItsRecordsOrItsTime() throws Exception {
    try (TracedLog log = new TracedLog();
        TxidTracer few = log.tracer(TracedLog.KAFKA, 1, LONG, 10);
        TxidTracer enough = log.tracer(TracedLog.KAFKA, 1, LONG, 1_000)) {
      log.open(Instant.now(), false);
      long txid = log.command(Instant.now());
      for (int i = 0; i < 50; i++) {
        log.commit(1, Instant.now());
      }
      assertBusy(few, txid, "scan-limit");
      // Its place was given back.
      assertBusy(few, txid, "scan-limit");
      assertThat(enough.ofCaller(txid, "alice").orElseThrow().state())
          .isEqualTo(Trail.State.ON_ITS_WAY);
      assertThatThrownBy(() -> new Deadline(Duration.ZERO, 10).spend(1))
          .isInstanceOfSatisfying(
              TracerBusyException.class, busy -> assertThat(busy.reason()).isEqualTo("timeout"));
    }
  }

  @Test
  void withoutKafkaItIsRefusedInTimeAndSoIsWhoComesWhenAllSearchesAreTaken() throws Exception {
    try (TracedLog log = new TracedLog();
        TxidTracer tracer = log.tracer(NO_KAFKA, 1, Duration.ofSeconds(2), 10)) {
      long txid = log.command(Instant.now());
      long other = log.command(Instant.now());
      CompletableFuture<Void> first =
          CompletableFuture.runAsync(() -> assertBusy(tracer, txid, "kafka"));
      await()
          .pollInterval(Duration.ofMillis(10))
          .untilAsserted(() -> assertBusy(tracer, other, "concurrency"));
      assertThat(first).succeedsWithin(Duration.ofSeconds(15));
      // What needs no search is answered all the same.
      assertThat(tracer.ofCaller(txid, "bob")).isEmpty();
    }
  }

  @Test
  void operatorsSeeWhatHasNotCommittedAndWhatNeverWill() throws Exception {
    try (TracedLog log = new TracedLog();
        TxidTracer tracer = log.tracer();
        var connection =
            java.sql.DriverManager.getConnection(
                TestStack.postgres().jdbcUrl("postgres"), "postgres", "")) {
      connection.setAutoCommit(false);
      long txid;
      try (var row =
          connection
              .createStatement()
              .executeQuery("select pg_current_xact_id()::xid::text::bigint")) {
        row.next();
        txid = row.getLong(1);
      }
      assertThat(tracer.ofOperator(txid)).map(Trail::state).hasValue(Trail.State.IN_PROGRESS);
      assertThat(tracer.ofCaller(txid, "alice")).isEmpty();
      connection.rollback();
      assertThat(tracer.ofOperator(txid)).map(Trail::state).hasValue(Trail.State.ABORTED);
      assertThat(tracer.ofOperator(4_000_000_000L)).isEmpty();
    }
  }
}
