package dev.penstock.answers;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;

/// Writes what there is of an answer, while it grows and as its [Growth] allows.
final class GrowingRow {
  /// The row or its lease is not this run's any more.
  static final class LostException extends Exception {}

  private static final Logger log = LoggerFactory.getLogger(GrowingRow.class);

  private final Lease lease;
  private final AnswerStore store;
  private final AnswerMetrics metrics;
  private final AnswerRun.Limits limits;
  private final Growth growth;
  private int updates;

  /// @param begun the row's text now
  /// @param written bytes of text in all earlier writes of the row
  GrowingRow(
      Lease lease,
      AnswerStore store,
      AnswerMetrics metrics,
      AnswerRun.Limits limits,
      String begun,
      long written) {
    this.lease = lease;
    this.store = store;
    this.metrics = metrics;
    this.limits = limits;
    this.growth =
        new Growth(limits.growth(), written, begun.getBytes(UTF_8).length, System.nanoTime());
  }

  int updates() {
    return updates;
  }

  /// Bytes of text in all writes of the row so far.
  long written() {
    return growth.written();
  }

  /// Follows a draft to its end.
  ///
  /// @return why it ended, null where it is whole
  /// @throws InterruptedException if the run was stopped
  @Nullable Throwable follow(Draft draft, StopSignal signal)
      throws InterruptedException, LostException {
    Draft.State state = await(draft, signal, -1, Growth.NOW);
    while (!state.ended()) {
      long wait = growth.wait(state.bytes(), state.sentenceEnd(), System.nanoTime());
      if (wait == Growth.NOW) {
        write(draft.text());
        wait = Growth.NOT_YET;
      }
      state = await(draft, signal, state.bytes(), wait);
    }
    return state.failure();
  }

  private static Draft.State await(Draft draft, StopSignal signal, int bytes, long nanos)
      throws InterruptedException {
    return signal.interruptibly(() -> draft.await(bytes, nanos));
  }

  private void write(String text) throws LostException {
    int bytes = text.getBytes(UTF_8).length;
    try {
      if (!store.grow(lease, text, bytes, limits.lease())) {
        metrics.fencedWrite();
        throw new LostException();
      }
      growth.wrote(bytes, System.nanoTime());
      updates++;
    } catch (DataAccessException e) {
      growth.postpone(System.nanoTime());
      log.atWarn()
          .addKeyValue("messageId", lease.answerId())
          .setCause(e)
          .log("A part of an answer was not written; a later one holds it");
    }
  }

  /// Writes what a run leaves behind, if the bound allows it.
  void checkpoint(Draft draft) {
    draft.close();
    String text = draft.text();
    if (growth.allows(text.getBytes(UTF_8).length, System.nanoTime())) {
      try {
        write(text);
      } catch (LostException e) {
        // The final write or the hand-over that follows finds it out, too.
        log.atDebug().addKeyValue("messageId", lease.answerId()).log("Left nothing behind");
      }
    }
  }
}
