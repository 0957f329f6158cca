package dev.penstock.contracts.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.penstock.contracts.Topics;
import dev.penstock.contracts.log.LogEntry.Insert;
import dev.penstock.contracts.log.Relation.Column;
import dev.penstock.stack.TestStack;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The writer and the reader, over a real broker.
@Timeout(60)
class LogTest {
  private static final LogOrigin ORIGIN =
      new LogOrigin("a test", "1", 1, "db", "slot", "topic", 10);

  private final Map<String, Object> kafka =
      Map.of("bootstrap.servers", TestStack.bootstrapServers());
  private String topic = "";

  @BeforeEach
  void makeTopic() {
    topic = new Topics(TestStack.newTopicPrefix()).log();
    try (Admin admin = Admin.create(kafka)) {
      LogTopic.create(admin, topic, (short) 1);
      LogTopic.create(admin, topic, (short) 1);
    }
  }

  @Test
  void whatWasCommittedIsReleasedOnceAndInOrder() {
    try (LogWriter writer = new LogWriter(kafka, topic)) {
      writer.claim("a");
      writer.open(ORIGIN);
      Relation messages = writer.append(relation());
      for (int i = 1; i <= 100; i++) {
        writer.add(new Insert(messages, Tuple.of("" + i, "text " + i)));
        writer.commit(new ResumePoint(100L + i, 700L + i, i), false);
      }
      writer.flush();
      assertThat(writer.acknowledged()).hasValue(new ResumePoint(200, 800, 100));
    }
    List<Transaction> read = readAll(LogReader.fromBeginning(kafka, topic), 100);
    assertThat(read).extracting(Transaction::txid).first().isEqualTo(701L);
    assertThat(read).extracting(Transaction::number).isSorted().hasSize(100);
    assertThat(texts(read.get(41))).containsExactly("text 42");
  }

  @Test
  void aTransactionLargerThanAReaderHoldsIsReadAgainFromKafka() {
    int rows = 3_000;
    String text = "x".repeat(10_000);
    try (LogWriter writer = new LogWriter(kafka, topic)) {
      writer.claim("a");
      writer.open(ORIGIN);
      Relation messages = writer.append(relation());
      for (int i = 0; i < rows; i++) {
        writer.add(new Insert(messages, Tuple.of("" + i, text)));
      }
      writer.commit(new ResumePoint(100, 700, 1), false);
      writer.flush();
    }
    try (LogReader reader = LogReader.fromBeginning(kafka, topic)) {
      Transaction large = transactions(reader, 1).getFirst();
      assertThat(large.entries()).isEqualTo(rows);
      List<String> keys = new ArrayList<>();
      large.forEach(entry -> keys.add(((Insert) entry).row().text(0)));
      assertThat(keys).hasSize(rows).startsWith("0", "1").endsWith("" + (rows - 1));
    }
  }

  @Test
  void aRowOfThirtyTwoMebibytesPassesAndALargerOneLeavesItsKey() {
    try (LogWriter writer = new LogWriter(kafka, topic)) {
      writer.claim("a");
      writer.open(ORIGIN);
      Relation messages = writer.append(relation());
      writer.add(new Insert(messages, Tuple.of("1", "x".repeat(32 << 20))));
      writer.commit(new ResumePoint(100, 700, 1), false);
      writer.add(new Insert(messages, Tuple.of("2", "x".repeat(34 << 20))));
      writer.commit(new ResumePoint(200, 701, 2), false);
      writer.flush();
      assertThat(writer.failure()).isEmpty();
    }
    try (LogReader reader = LogReader.fromBeginning(kafka, topic)) {
      List<Transaction> read = transactions(reader, 2);
      assertThat(texts(read.get(0)).getFirst()).hasSize(32 << 20);
      List<LogEntry> entries = entries(read.get(1));
      assertThat(entries.getFirst())
          .isInstanceOfSatisfying(
              LogEntry.Oversize.class,
              oversize -> {
                assertThat(oversize.key()).isEqualTo(Tuple.of("2", null));
                assertThat(oversize.bytes()).isGreaterThan(34 << 20);
              });
    }
  }

  @Test
  void aNewLeaderGoesOnWhereTheRuleSaysAndTheOldOneIsNotHeardAnyMore() {
    try (LogWriter old = new LogWriter(kafka, topic);
        LogWriter next = new LogWriter(kafka, topic)) {
      old.claim("old");
      old.open(ORIGIN);
      Relation oldMessages = old.append(relation());
      old.add(new Insert(oldMessages, Tuple.of("1", "first")));
      old.commit(new ResumePoint(100, 700, 1), false);
      old.flush();

      long epoch = next.claim("next");
      ReaderState tail = tail(epoch);
      assertThat(tail.number()).isEqualTo(1);
      next.resume(tail, ORIGIN);
      Relation messages = next.append(relation());
      next.add(new Insert(messages, Tuple.of("2", "second")));
      next.commit(new ResumePoint(200, 701, 2), false);
      next.flush();
      assertThat(next.acknowledged()).hasValue(new ResumePoint(200, 701, 2));

      old.add(new Insert(oldMessages, Tuple.of("2", "zombie")));
      old.commit(new ResumePoint(300, 702, 3), false);
      old.flush();
      assertThat(old.acknowledged()).hasValue(new ResumePoint(100, 700, 1));
      assertThat(old.failure()).isPresent();
    }
    List<Transaction> read = readAll(LogReader.fromBeginning(kafka, topic), 2);
    assertThat(read.stream().flatMap(t -> texts(t).stream())).containsExactly("first", "second");
  }

  @Test
  void aLeaderDeposedByALateClaimAcknowledgesNothingBehindIt() {
    try (LogWriter writer = new LogWriter(kafka, topic);
        LogWriter late = new LogWriter(kafka, topic)) {
      writer.claim("leader");
      writer.open(ORIGIN);
      Relation messages = writer.append(relation());
      writer.add(new Insert(messages, Tuple.of("1", "counts")));
      writer.commit(new ResumePoint(100, 700, 1), false);
      writer.flush();

      long claim = late.claim("thawed");
      writer.add(new Insert(messages, Tuple.of("2", "does not count")));
      writer.commit(new ResumePoint(200, 701, 2), false);
      writer.flush();

      assertThat(writer.acknowledged()).hasValue(new ResumePoint(100, 700, 1));
      assertThat(writer.failure())
          .hasValueSatisfying(failure ->
              assertThat(failure)
                  .hasMessage("someone else wrote to the log before offset " + (claim + 1)));
      assertThatThrownBy(() -> writer.progress(new ResumePoint(300, 0, 0)))
          .isInstanceOf(LogWriteException.class);
      assertThatThrownBy(() -> writer.claim("leader")).isInstanceOf(LogWriteException.class);
    }
  }

  @Test
  void aLeaderWhoseClaimIsOvertakenBeforeItResumesDoesNotResume() {
    try (LogWriter first = new LogWriter(kafka, topic);
        LogWriter late = new LogWriter(kafka, topic)) {
      first.claim("leader");
      late.claim("thawed");
      assertThatThrownBy(() -> first.open(ORIGIN)).isInstanceOf(LogWriteException.class);
      assertThat(first.acknowledged()).isEmpty();
    }
  }

  @Test
  void aReaderFindsTheLatestClaimFarBackInTheLog() {
    try (LogWriter writer = new LogWriter(kafka, topic)) {
      writer.claim("a");
      writer.open(ORIGIN);
      long epoch = writer.claim("a again");
      writer.resume(tail(epoch), ORIGIN);
      Relation messages = writer.append(relation());
      for (int i = 1; i <= 5_000; i++) {
        writer.add(new Insert(messages, Tuple.of("" + i, "text")));
        writer.commit(new ResumePoint(100L + i, i, i), false);
      }
      writer.flush();
      try (LogReader reader = LogReader.fromLatestClaim(kafka, topic)) {
        assertThat(reader.nextOffset()).isEqualTo(epoch);
        assertThat(transactions(reader, 5_000).getLast().number()).isEqualTo(5_000);
      }
    }
  }

  @Test
  void aClaimThatIsNearIsFoundWithoutReadingFar() {
    try (LogWriter writer = new LogWriter(kafka, topic)) {
      writer.claim("a");
      writer.open(ORIGIN);
      Relation messages = writer.append(relation());
      for (int i = 1; i <= 1_500; i++) {
        writer.add(new Insert(messages, Tuple.of("" + i, "text")));
        writer.commit(new ResumePoint(100L + i, i, i), false);
      }
      writer.flush();
      long epoch = writer.claim("a again");
      writer.resume(tail(epoch), ORIGIN);
      // The first window then begins with the resume record, and its claim stands before.
      for (int i = 1; i < 200; i++) {
        writer.progress(new ResumePoint(2_000L + i, 0, 0));
      }
      writer.flush();
      try (LogReader reader = LogReader.fromLatestClaim(kafka, topic)) {
        assertThat(reader.nextOffset()).isEqualTo(epoch);
        assertThat(reader.searched()).isLessThanOrEqualTo(401);
      }
    }
  }

  @Test
  void aReaderGoesOnFromItsStateAndFindsRelationsBehindIt() {
    try (LogWriter writer = new LogWriter(kafka, topic)) {
      writer.claim("a");
      writer.open(ORIGIN);
      Relation messages = writer.append(relation());
      for (int i = 1; i <= 3; i++) {
        writer.add(new Insert(messages, Tuple.of("" + i, "text " + i)));
        writer.commit(new ResumePoint(100L + i, i, i), false);
      }
      writer.flush();
    }
    ReaderState state;
    try (LogReader reader = LogReader.fromBeginning(kafka, topic)) {
      state = transactions(reader, 3).get(1).state();
    }
    try (LogReader reader = LogReader.from(kafka, topic, state)) {
      List<Transaction> rest = transactions(reader, 1);
      assertThat(rest.getFirst().number()).isEqualTo(3);
      assertThat(texts(rest.getFirst())).containsExactly("text 3");
    }
  }

  @Test
  void aReaderWhoseNextRecordIsGoneSaysSo() throws Exception {
    ReaderState state;
    try (LogWriter writer = new LogWriter(kafka, topic)) {
      writer.claim("a");
      writer.open(ORIGIN);
      try (LogReader reader = LogReader.fromBeginning(kafka, topic)) {
        while (reader.state().isEmpty()) {
          reader.poll(Duration.ofMillis(100));
        }
        state = reader.state().orElseThrow();
      }
      writer.progress(new ResumePoint(50, 0, 0));
      writer.progress(new ResumePoint(60, 0, 0));
      writer.flush();
    }
    try (Admin admin = Admin.create(kafka)) {
      admin
          .deleteRecords(
              Map.of(
                  LogTopic.partition(topic), RecordsToDelete.beforeOffset(state.nextOffset() + 1)))
          .all()
          .get(10, TimeUnit.SECONDS);
    }
    try (LogReader reader = LogReader.from(kafka, topic, state)) {
      assertThatThrownBy(
              () -> {
                while (true) {
                  reader.poll(Duration.ofMillis(100));
                }
              })
          .isInstanceOf(LogTruncatedException.class);
    }
  }

  @Test
  void aFailedSendEndsTheTerm() throws Exception {
    Map<String, Object> impatient = new HashMap<>(kafka);
    impatient.put("request.timeout.ms", 500);
    impatient.put("delivery.timeout.ms", 1_000);
    try (LogWriter writer = new LogWriter(impatient, topic);
        Admin admin = Admin.create(kafka)) {
      writer.claim("a");
      writer.open(ORIGIN);
      admin.deleteTopics(List.of(topic)).all().get(10, TimeUnit.SECONDS);
      writer.progress(new ResumePoint(50, 0, 0));
      await().untilAsserted(() -> assertThat(writer.failure()).isPresent());
      assertThat(writer.acknowledged()).hasValue(new ResumePoint(10, 0, 0));
      assertThatThrownBy(() -> writer.progress(new ResumePoint(60, 0, 0)))
          .isInstanceOf(LogWriteException.class);
    }
  }

  /// An idempotent producer that gives one batch up goes on with those behind it.
  @Test
  void aBatchThatFailsAmongOthersUnderWayEndsTheTermAndTheNextOneHealsTheLog() throws Exception {
    byte[] noise = new byte[300 << 10];
    new Random(1).nextBytes(noise);
    try (LogWriter writer = new LogWriter(kafka, topic);
        LogWriter next = new LogWriter(kafka, topic);
        Admin admin = Admin.create(kafka)) {
      writer.claim("a");
      writer.open(ORIGIN);
      commit(writer, 100, new byte[1]);
      writer.flush();
      limitRecords(admin, 64 << 10);

      // When: sent without waiting, a batch each
      for (int i = 2; i <= 6; i++) {
        commit(writer, 100L * i, i == 3 ? noise : new byte[1]);
      }
      writer.flush();

      // Then
      assertThat(writer.failure()).containsInstanceOf(RecordTooLargeException.class);
      assertThat(writer.acknowledged().orElseThrow().commitLsn()).isLessThan(300);
      assertThatThrownBy(() -> commit(writer, 700, new byte[1]))
          .isInstanceOf(LogWriteException.class);
      limitRecords(admin, LogTopic.MAX_RECORD_BYTES);
      ReaderState tail = tail(next.claim("b"));
      assertThat(tail.number()).isEqualTo(2);
      next.resume(tail, ORIGIN);
      for (int i = 3; i <= 7; i++) {
        commit(next, 100L * i, i == 3 ? noise : new byte[1]);
      }
      next.flush();
    }
    List<Transaction> read = readAll(LogReader.fromBeginning(kafka, topic), 7);
    assertThat(read)
        .extracting(Transaction::commitLsn)
        .containsExactly(100L, 200L, 300L, 400L, 500L, 600L, 700L);
  }

  private static void commit(LogWriter writer, long lsn, byte[] content) {
    writer.add(new LogEntry.Message("note", content));
    writer.commit(new ResumePoint(lsn, 700 + lsn, lsn), false);
  }

  private void limitRecords(Admin admin, int bytes) throws Exception {
    ConfigEntry limit = new ConfigEntry("max.message.bytes", Integer.toString(bytes));
    admin
        .incrementalAlterConfigs(
            Map.of(
                new ConfigResource(ConfigResource.Type.TOPIC, topic),
                List.of(new AlterConfigOp(limit, AlterConfigOp.OpType.SET))))
        .all()
        .get(10, TimeUnit.SECONDS);
    await()
        .until(() ->
            admin
                .describeConfigs(List.of(new ConfigResource(ConfigResource.Type.TOPIC, topic)))
                .all()
                .get(10, TimeUnit.SECONDS)
                .values()
                .stream()
                .anyMatch(config ->
                    config.get("max.message.bytes").value().equals(Integer.toString(bytes))));
  }

  @Test
  void anOversizedRowKeepsItsKeyAndSmallValues() {
    List<Column> columns = new ArrayList<>(relation().columns());
    columns.add(new Column("part", 25, -1, "text", "b", 0, true, -1));
    Relation wide = new Relation(7, 16_385, "public", "wide", "f", columns);
    String large = "x".repeat(LogEntry.Oversize.MAX_KEPT_BYTES + 1);
    String small = "y".repeat(LogEntry.Oversize.MAX_KEPT_BYTES);
    assertThat(Oversized.of(new Insert(wide, Tuple.of(large, large, small)), 5))
        .isEqualTo(new LogEntry.Oversize(wide, "insert", Tuple.of(large, null, small), 5));
  }

  private ReaderState tail(long epoch) {
    try (LogReader reader = LogReader.fromLatestClaim(kafka, topic)) {
      while (reader.epoch() != epoch) {
        reader.poll(Duration.ofMillis(100));
      }
      return reader.state().orElseThrow();
    }
  }

  private static List<Transaction> readAll(LogReader reader, int count) {
    try (reader) {
      return transactions(reader, count);
    }
  }

  private static List<Transaction> transactions(LogReader reader, int count) {
    List<Transaction> read = new ArrayList<>();
    while (read.size() < count) {
      for (LogEvent event : reader.poll(Duration.ofMillis(100))) {
        if (event instanceof Transaction transaction) {
          read.add(transaction);
        }
      }
    }
    return read;
  }

  private static List<LogEntry> entries(Transaction transaction) {
    List<LogEntry> entries = new ArrayList<>();
    transaction.forEach(entries::add);
    return entries;
  }

  private static List<String> texts(Transaction transaction) {
    List<String> texts = new ArrayList<>();
    transaction.forEach(entry -> {
      if (entry instanceof Insert(Relation _, Tuple row)) {
        texts.add(row.text(1));
      }
    });
    return texts;
  }

  private static Relation relation() {
    return new Relation(
        -1,
        16_385,
        "public",
        "messages",
        "f",
        List.of(
            new Column("id", 2950, -1, "uuid", "b", 0, true, 0),
            new Column("content", 25, -1, "text", "b", 0, true, -1)));
  }
}
