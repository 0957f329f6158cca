package dev.penstock.contracts.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.contracts.log.LogRecord.Claim;
import dev.penstock.contracts.log.LogRecord.End;
import dev.penstock.contracts.log.LogRecord.Generation;
import dev.penstock.contracts.log.LogRecord.Part;
import dev.penstock.contracts.log.LogRecord.Progress;
import dev.penstock.contracts.log.LogRecord.Resume;
import dev.penstock.contracts.log.ReaderRule.Outcome;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReaderRuleTest {
  private static final UUID FIRST = new UUID(1, 1);
  private static final UUID SECOND = new UUID(2, 2);

  private final ReaderRule rule = new ReaderRule();
  private long offset;
  private UUID generation = FIRST;
  private long epoch;
  private long leader = 7;

  @Test
  void releasesWholeTransactionsInOrder() {
    open();
    assertThat(part(1, 0, 2, null)).isEqualTo(Outcome.PENDING);
    assertThat(part(1, 2, 1, end(3, 100))).isEqualTo(Outcome.RELEASED);
    assertThat(part(2, 0, 1, end(1, 200))).isEqualTo(Outcome.RELEASED);
    assertThat(rule.state(offset).orElseThrow().number()).isEqualTo(2);
    assertThat(rule.state(offset).orElseThrow().point().commitLsn()).isEqualTo(200);
  }

  @Test
  void whatAZombieAppendsBehindTheNextClaimDoesNotCount() {
    open();
    long zombieEpoch = epoch;
    long zombie = leader;
    part(1, 0, 1, end(1, 100));
    claim(8);
    assertThat(accept(new Stamp(FIRST, zombieEpoch, zombie), piece(2, 0, 1, end(1, 150))))
        .isEqualTo(Outcome.IGNORED);
    assertThat(resume(1, 100)).isEqualTo(Outcome.RESUMED);
    assertThat(accept(new Stamp(FIRST, zombieEpoch, zombie), piece(2, 0, 1, end(1, 150))))
        .isEqualTo(Outcome.IGNORED);
    assertThat(part(2, 0, 1, end(1, 200))).isEqualTo(Outcome.RELEASED);
    assertThat(rule.ignored()).isEqualTo(2);
  }

  /// Who reads every record knows every claim.
  @Test
  void aRecordOfAClaimThatWasNotReadIsOfALogThatWasCut() {
    open();
    offset = 100;
    Stamp unread = new Stamp(FIRST, 90, leader);
    Stamp written = new Stamp(FIRST, epoch, leader + 1);
    Stamp impossible = new Stamp(FIRST, 5_000, leader);
    assertThatThrownBy(() -> accept(unread, piece(1, 0, 1, end(1, 100))))
        .isInstanceOf(LogTruncatedException.class);
    assertThatThrownBy(() -> accept(written, piece(1, 0, 1, end(1, 100))))
        .isInstanceOf(LogTruncatedException.class);
    assertThat(accept(impossible, piece(1, 0, 1, end(1, 100)))).isEqualTo(Outcome.IGNORED);
  }

  @Test
  void aReaderThatStartsWithinATermIgnoresItUntilTheNextClaim() {
    offset = 100;
    assertThat(accept(new Stamp(FIRST, 90, leader), piece(1, 0, 1, end(1, 100))))
        .isEqualTo(Outcome.IGNORED);
    claim(8);
    assertThat(resume(1, 100)).isEqualTo(Outcome.RESUMED);
  }

  @Test
  void aGenerationWithASnapshotBeginsWithItAndNothingElse() {
    claim(leader);
    LogOrigin origin = new LogOrigin("a test", "1", 1, "db", "slot", "topic", 10, 50, 0);
    assertThat(accept(new Generation(FIRST, origin))).isEqualTo(Outcome.OPENED);
    assertThat(part(1, 0, 2, null)).isEqualTo(Outcome.PENDING);
    assertThat(part(1, 2, 1, new End(3, new ResumePoint(10, 0, 0), true)))
        .isEqualTo(Outcome.RELEASED);
    assertThat(part(2, 0, 1, end(1, 20))).isEqualTo(Outcome.RELEASED);
  }

  @Test
  void aSnapshotThatWasNotWrittenToItsEndIsNeverReleased() {
    claim(leader);
    LogOrigin origin = new LogOrigin("a test", "1", 1, "db", "slot", "topic", 10, 50, 0);
    accept(new Generation(FIRST, origin));
    part(1, 0, 2, null);
    claim(8);
    assertThat(accept(new Resume(0, new ResumePoint(10, 0, 0), origin))).isEqualTo(Outcome.RESUMED);
    assertThat(part(1, 0, 1, end(1, 100))).isEqualTo(Outcome.GAP);
    claim(9);
    generation = SECOND;
    accept(new Generation(SECOND, origin));
    assertThat(accept(new Progress(new ResumePoint(60, 0, 0)))).isEqualTo(Outcome.GAP);
    claim(10);
    accept(new Generation(FIRST, origin(10)));
    generation = FIRST;
    assertThat(part(1, 0, 1, end(1, 100))).isEqualTo(Outcome.RELEASED);
  }

  @Test
  void aRecordOfAnotherGenerationDoesNotCount() {
    open();
    assertThat(accept(new Stamp(SECOND, epoch, leader), piece(1, 0, 1, end(1, 100))))
        .isEqualTo(Outcome.IGNORED);
  }

  @Test
  void aTransactionBegunAgainReplacesItsFirstPieces() {
    open();
    part(1, 0, 2, null);
    part(1, 2, 2, null);
    assertThat(part(1, 0, 1, end(1, 100))).isEqualTo(Outcome.RELEASED);
    assertThat(rule.released().entries()).isEqualTo(1);
    assertThat(rule.released().offsets()).containsExactly(offset - 1);
  }

  @Test
  void aTransactionOpenAtAClaimIsForgotten() {
    open();
    part(1, 0, 2, null);
    claim(8);
    resume(0, 10);
    assertThat(part(1, 2, 1, end(3, 100))).isEqualTo(Outcome.GAP);
  }

  @Test
  void aRepeatedTransactionIsReleasedOnce() {
    open();
    part(1, 0, 1, end(1, 100));
    assertThat(part(1, 0, 1, end(1, 100))).isEqualTo(Outcome.IGNORED);
    assertThat(part(2, 0, 1, end(1, 200))).isEqualTo(Outcome.RELEASED);
  }

  @Test
  void aMissingTransactionStopsTheReaderUntilAClaimHealsIt() {
    open();
    part(1, 0, 1, end(1, 100));
    assertThat(part(3, 0, 1, end(1, 300))).isEqualTo(Outcome.GAP);
    assertThat(rule.gap())
        .hasValueSatisfying(reason -> assertThat(reason).contains("3 follows transaction 1"));
    assertThat(part(2, 0, 1, end(1, 200))).isEqualTo(Outcome.IGNORED);
    claim(8);
    assertThat(rule.gap()).isPresent();
    assertThat(resume(1, 100)).isEqualTo(Outcome.RESUMED);
    assertThat(rule.gap()).isEmpty();
    assertThat(part(2, 0, 1, end(1, 200))).isEqualTo(Outcome.RELEASED);
  }

  @Test
  void aMissingPieceStopsTheReader() {
    open();
    part(1, 0, 2, null);
    assertThat(part(1, 3, 1, end(4, 100))).isEqualTo(Outcome.GAP);
  }

  @Test
  void aPieceThatCameTwiceDoesNotMakeUpForAMissingOne() {
    open();
    part(1, 0, 2, null);
    part(1, 2, 2, null);
    part(1, 2, 2, null);
    assertThat(part(1, 6, 1, end(7, 100))).isEqualTo(Outcome.GAP);
  }

  @Test
  void anEndThatCountsOtherwiseStopsTheReader() {
    open();
    assertThat(part(1, 0, 2, end(3, 100))).isEqualTo(Outcome.GAP);
  }

  @Test
  void aPositionThatGoesBackStopsTheReader() {
    open();
    part(1, 0, 1, end(1, 100));
    assertThat(part(2, 0, 1, end(1, 100))).isEqualTo(Outcome.GAP);
  }

  @Test
  void aLeaderThatResumesElsewhereStopsTheReader() {
    open();
    part(1, 0, 1, end(1, 100));
    claim(8);
    assertThat(resume(2, 200)).isEqualTo(Outcome.GAP);
    claim(9);
    assertThat(resume(1, 100)).isEqualTo(Outcome.RESUMED);
  }

  @Test
  void nothingCountsBetweenAClaimAndItsResume() {
    open();
    claim(8);
    assertThat(part(1, 0, 1, end(1, 100))).isEqualTo(Outcome.IGNORED);
  }

  @Test
  void progressMovesThePositionAndCountsAsTheTail() {
    open();
    part(1, 0, 1, end(1, 100));
    assertThat(accept(new Progress(new ResumePoint(500, 0, 0)))).isEqualTo(Outcome.PROGRESSED);
    claim(8);
    assertThat(resume(1, 100)).isEqualTo(Outcome.GAP);
    claim(9);
    assertThat(accept(new Resume(1, new ResumePoint(500, 0, 0), origin(10))))
        .isEqualTo(Outcome.RESUMED);
  }

  @Test
  void aNewGenerationStartsItsNumbersAgain() {
    open();
    part(1, 0, 1, end(1, 100));
    claim(8);
    generation = SECOND;
    assertThat(accept(new Generation(SECOND, origin(5)))).isEqualTo(Outcome.OPENED);
    assertThat(part(1, 0, 1, end(1, 50))).isEqualTo(Outcome.RELEASED);
    assertThat(rule.state(offset).orElseThrow().generation()).isEqualTo(SECOND);
  }

  @Test
  void aReaderThatStartsAtAClaimTakesItsStateFromTheResume() {
    offset = 1_000;
    claim(8);
    assertThat(resume(41, 4_100)).isEqualTo(Outcome.RESUMED);
    assertThat(part(42, 0, 1, end(1, 4_200))).isEqualTo(Outcome.RELEASED);
  }

  @Test
  void aReaderGoesOnFromAnOlderState() {
    open();
    part(1, 0, 1, end(1, 100));
    ReaderState state = ReaderState.parse(rule.state(offset).orElseThrow().toText());
    ReaderRule resumed = new ReaderRule(state);
    assertThat(
            resumed.accept(
                offset, new Stamp(generation, epoch, leader), piece(2, 0, 1, end(1, 200))))
        .isEqualTo(Outcome.RELEASED);
  }

  @Test
  void aStateWithinATransactionGoesOnBeforeItsFirstPiece() {
    open();
    part(1, 0, 1, end(1, 100));
    long first = offset;
    assertThat(rule.state(offset).orElseThrow().nextOffset()).isEqualTo(first);
    part(2, 0, 2, null);
    part(2, 2, 2, null);
    ReaderState state = rule.state(offset).orElseThrow();
    assertThat(state.nextOffset()).isEqualTo(first);

    ReaderRule resumed = new ReaderRule(state);
    Stamp stamp = new Stamp(generation, epoch, leader);
    resumed.accept(first, stamp, piece(2, 0, 2, null));
    resumed.accept(first + 1, stamp, piece(2, 2, 2, null));
    assertThat(resumed.accept(first + 2, stamp, piece(2, 4, 1, end(5, 200))))
        .isEqualTo(Outcome.RELEASED);
    assertThat(resumed.released().offsets()).containsExactly(first, first + 1, first + 2);
    assertThat(resumed.state(first + 3).orElseThrow().nextOffset()).isEqualTo(first + 3);
  }

  @Test
  void aLargeTransactionIsKeptByItsOffsetsOnly() {
    open();
    ByteBuffer large = ByteBuffer.allocate(OpenTransaction.MAX_BUFFERED_BYTES / 2 + 1);
    List<Long> offsets = new ArrayList<>();
    for (int piece = 0; piece < 3; piece++) {
      offsets.add(offset);
      accept(new Part(1, piece, piece, 1, piece == 2 ? end(3, 100) : null, large));
    }
    assertThat(rule.released().parts()).isEmpty();
    assertThat(rule.released().offsets()).isEqualTo(offsets);
  }

  private void open() {
    claim(leader);
    assertThat(accept(new Generation(FIRST, origin(10)))).isEqualTo(Outcome.OPENED);
  }

  private static LogOrigin origin(long startLsn) {
    return new LogOrigin("a test", "1", 1, "db", "slot", "topic", startLsn);
  }

  private void claim(long by) {
    leader = by;
    epoch = offset;
    assertThat(rule.accept(offset++, new Stamp(Stamp.NO_GENERATION, -1, by), new Claim("test", 0)))
        .isEqualTo(Outcome.CLAIMED);
  }

  private Outcome resume(long number, long lsn) {
    return accept(
        new Resume(number, lsn == 10 ? new ResumePoint(10, 0, 0) : point(lsn), origin(10)));
  }

  private Outcome part(long number, int firstEntry, int count, @Nullable End end) {
    return accept(piece(number, firstEntry, count, end));
  }

  private static Part piece(long number, int firstEntry, int count, @Nullable End end) {
    return new Part(number, firstEntry, firstEntry, count, end, ByteBuffer.allocate(count));
  }

  private static End end(int entries, long lsn) {
    return new End(entries, point(lsn), false);
  }

  private static ResumePoint point(long lsn) {
    return new ResumePoint(lsn, 7, 9);
  }

  private Outcome accept(LogRecord record) {
    return accept(new Stamp(generation, epoch, leader), record);
  }

  private Outcome accept(Stamp stamp, LogRecord record) {
    return rule.accept(offset++, stamp, record);
  }
}
