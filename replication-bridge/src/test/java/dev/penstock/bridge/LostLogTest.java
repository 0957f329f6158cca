package dev.penstock.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.contracts.log.LogEvent;
import dev.penstock.contracts.log.LogReader;
import dev.penstock.contracts.log.Lsn;
import dev.penstock.stack.ChildKafkaBroker;
import dev.penstock.stack.KafkaBroker;
import dev.penstock.stack.TestStack;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The log loses what it has acknowledged; the database and its slot are well.
class LostLogTest {

  @Test
  void aTailThatIsCutUnderALivingBridgeOpensAGeneration(@TempDir Path directory) throws Exception {
    try (ChildKafkaBroker broker = KafkaBroker.startChild(directory);
        TestBridge bridge =
            new TestBridge(TestStack.newDatabase(), broker.bootstrapServers(), TestBridge.fact());
        Connection connection = bridge.connect()) {
      bridge.startAndLead();
      bridge.transactionsUntil(
          Sql.commit(
              connection, "insert into fact select i, 'p', 'a' from generate_series(1, 20) i"));
      Path segment = segment(directory, bridge);
      long size = Files.size(segment);
      // What follows is lost from the log; the keyed topic has it.
      Sql.commit(connection, "delete from fact where id <= 5");
      Sql.commit(connection, "update fact set body = 'b' where id <= 10");
      Sql.commit(connection, "insert into fact values (30, 'p', 'c')");
      KeyedState.ofFact(bridge, connection);
      awaitConfirmed(connection, bridge);

      broker.kill();
      // No row of this has been in the log.
      Sql.commit(connection, "update fact set body = 'd' where id = 20");
      try (FileChannel file = FileChannel.open(segment, StandardOpenOption.WRITE)) {
        file.truncate(size);
      }
      broker.start();
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> count(bridge, "penstock.bridge.generations") > 0);

      long last = Sql.commit(connection, "insert into fact values (0, 'last', '')");
      Materialized log = Materialized.until(bridge, last);
      assertThat(log.opened.getLast().origin().reason()).contains("the log lost its tail");
      assertThat(log.differences(connection)).isEmpty();
      KeyedState keyed = KeyedState.ofFact(bridge, connection);
      assertThat(keyed.wrong).isEmpty();
      assertThat(keyed.ops).filteredOn(op -> op.startsWith("r ")).isSubsetOf("r {\"id\":20}");
    }
  }

  @Test
  void aTopicThatWasDeletedIsMadeAnewAndNoQuestionIsRoutedTwice() throws Exception {
    try (TestBridge bridge = TestBridge.onSharedStack(TestBridge.fact());
        Connection connection = bridge.connect();
        Admin admin = Admin.create(KeyedTopic.kafka(bridge))) {
      bridge.startAndLead();
      Sql.commit(connection, "insert into fact select i, 'p', 'a' from generate_series(1, 20) i");
      KeyedState.ofFact(bridge, connection);
      // Given: questions that are routed and, to the slot, not confirmed.
      Sql.run(connection, copySlot(bridge.name, bridge.name + "_c"));
      Sql.commit(connection, question(1), question(2), "delete from fact where id = 7");
      KeyedTopic.readTopic(bridge, bridge.topics.questions(), 2);
      bridge.stop();
      Sql.commit(connection, question(3), "update fact set body = 'b' where id = 8");

      // When
      admin.deleteTopics(List.of(bridge.topics.log())).all().get(10, TimeUnit.SECONDS);
      await()
          .atMost(TestBridge.PATIENCE)
          .until(() -> !admin.listTopics().names().get().contains(bridge.topics.log()));
      GenerationTest.dropSlot(connection, bridge);
      Sql.run(connection, copySlot(bridge.name + "_c", bridge.name));
      bridge.startAndLead();

      // Then
      long last = Sql.commit(connection, question(4), "insert into fact values (0, 'last', '')");
      Materialized log = Materialized.until(bridge, last);
      assertThat(log.opened.getLast().origin().reason()).contains("keyed topics hold records");
      assertThat(log.differences(connection)).isEmpty();
      KeyedState keyed = KeyedState.ofFact(bridge, connection);
      assertThat(keyed.wrong).isEmpty();
      assertThat(keyed.ops).filteredOn(op -> op.startsWith("r ")).containsExactly("r {\"id\":8}");
      assertThat(KeyedState.all(bridge, bridge.topics.questions()))
          .extracting(record -> new String(record.value(), java.nio.charset.StandardCharsets.UTF_8))
          .hasSize(4)
          .doesNotHaveDuplicates();
    }
  }

  @Test
  void aSnapshotThatIsCutOffIsWrittenAnewAndTheRouterGoesOnWithinOne() throws Exception {
    try (TestBridge bridge = TestBridge.onSharedStack(TestBridge.fact());
        Connection connection = bridge.connect()) {
      GenerationTest.recreateSlot(
          connection,
          bridge,
          "insert into fact select i, 'p' || i % 50, repeat(md5(i::text), 90)"
              + " from generate_series(1, 20000) i");
      Sql.commit(connection, question(1));

      // When: the leader stops within the snapshot, and the next one's router within its records.
      bridge.start();
      try (LogReader reader = bridge.reader()) {
        awaitOpened(reader, 1);
        bridge.stop();
        bridge.start();
        await()
            .atMost(Duration.ofSeconds(60))
            .pollInterval(Duration.ofMillis(20))
            .until(() -> KeyedState.count(bridge, bridge.topics.table("public", "fact")) > 0);
        bridge.stop();
      }
      int routed = KeyedState.all(bridge, bridge.topics.table("public", "fact")).size();
      System.out.println("LostLogTest: stopped when " + routed + " rows were routed");
      Sql.run(connection, "delete from fact where id % 1000 = 0");
      bridge.startAndLead();

      // Then
      long last = Sql.commit(connection, "insert into fact values (0, 'last', '')");
      Materialized log = Materialized.until(bridge, last);
      System.out.println(
          "LostLogTest: %d generations, %d whole".formatted(log.opened.size(), log.snapshots));
      assertThat(log.snapshots).isEqualTo(1);
      assertThat(log.opened.getLast().origin().reason())
          .contains("not written to its end: the log is new, and the published tables");
      assertThat(log.repeated).isEmpty();
      assertThat(log.differences(connection)).isEmpty();
      assertThat(log.messages).hasSize(1);
      assertThat(KeyedState.ofFact(bridge, connection).wrong).isEmpty();
      assertThat(KeyedState.all(bridge, bridge.topics.questions())).hasSize(1);
    }
  }

  static void awaitOpened(LogReader reader, int count) {
    int[] opened = {0};
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(1))
        .until(() -> {
          for (LogEvent event : reader.poll(Duration.ofMillis(20))) {
            opened[0] += event instanceof LogEvent.Opened ? 1 : 0;
          }
          return opened[0] >= count;
        });
  }

  private static String question(int number) {
    return """
    select pg_logical_emit_message(true, 'penstock.questions', '{"questionId":\
    "0d7a2ed5-1d67-4b9b-a1b5-0c60a0b0a00%d","answerId":"0d7a2ed5-1d67-4b9b-a1b5-0c60a0b0a003",\
    "conversationId":"0d7a2ed5-1d67-4b9b-a1b5-0c60a0b0a001","owner":"alice","content":"why?",\
    "askedAt":"2026-11-22T08:16:34Z"}')\
    """
        .formatted(number);
  }

  private static double count(TestBridge bridge, String counter) {
    return bridge.bean(MeterRegistry.class).counter(counter).count();
  }

  private static String copySlot(String from, String to) {
    return "select pg_copy_logical_replication_slot('%s', '%s')".formatted(from, to);
  }

  private static Path segment(Path directory, TestBridge bridge) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(file -> file.endsWith(bridge.topics.log() + "-0/00000000000000000000.log"))
          .findFirst()
          .orElseThrow();
    }
  }

  private static long confirmed(Connection connection, TestBridge bridge) throws Exception {
    return Lsn.parse(
        Sql.text(
            connection,
            "select confirmed_flush_lsn from pg_replication_slots where slot_name = '"
                + bridge.name
                + "'"));
  }

  private static void awaitConfirmed(Connection connection, TestBridge bridge) throws Exception {
    long now = Lsn.parse(Sql.text(connection, "select pg_current_wal_lsn()"));
    await().atMost(TestBridge.PATIENCE).until(() -> confirmed(connection, bridge) >= now);
  }
}
