package dev.penstock.replay;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.stack.KafkaBroker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ErasureTest {
  private static final String INSERT =
      "insert into messages values (gen_random_uuid(), '%s', 'user', 'completed', '%s', null, null, now(), now())";

  /// What Kafka can hold back: deleted files.
  private static final Map<String, String> PROMPT =
      Map.of(
          "log.segment.delete.delay.ms", "100",
          "log.retention.check.interval.ms", "500",
          "log.initial.task.delay.ms", "500");

  @Test
  void erasedContentIsInNoFileAndAllElseIsWhereItWas(@TempDir Path directory) throws Exception {
    KafkaBroker kafka = KafkaBroker.startInProcess(directory, 0, 0, PROMPT);
    try (TestArchive archive = TestArchive.on(kafka.bootstrapServers())) {
      // Given two users, one of whom goes
      String secret = UUID.randomUUID().toString();
      UUID mine = UUID.randomUUID();
      UUID other = UUID.randomUUID();
      archive.commit(
          "insert into conversations values ('"
              + mine
              + "', 'me', '"
              + secret
              + "'), ('"
              + other
              + "', 'o', 't')");
      // What was emitted before the bridge had its slot is nowhere.
      archive.awaitRouted();
      // And what he asked, once as the schema has it and once not
      String asked =
          "select pg_logical_emit_message(true, 'penstock.questions', jsonb_build_object('questionId', gen_random_uuid(), 'answerId', gen_random_uuid(), 'conversationId', '%s', 'owner', 'me', 'content', '%s', '%s', '2026-11-22T08:16:34Z')::text)";
      archive.commit(
          INSERT.formatted(other, "a question"),
          asked.formatted(mine, secret, "askedAt"),
          asked.formatted(mine, secret, "unknown"));
      for (int i = 0; i < 20; i++) {
        archive.commit(INSERT.formatted(mine, secret + i), INSERT.formatted(other, "keep " + i));
        archive.commit("update messages set content = content || '!'");
      }
      archive.awaitRouted();
      await()
          .atMost(TestArchive.PATIENCE)
          .untilAsserted(() ->
              assertThat(files(directory, secret))
                  .anyMatch(file -> file.contains(archive.topics.questions() + "-"))
                  .anyMatch(file -> file.contains(archive.topics.questionsDeadLetters() + "-")));
      String messages = archive.topics.table("public", "messages");
      TopicPartition partition = new TopicPartition(messages, 3);
      try (Archive admin = archive.archive()) {
        admin
            .admin()
            .alterConsumerGroupOffsets("group", Map.of(partition, new OffsetAndMetadata(7, "m")))
            .all()
            .get();
      }

      // When the rows are still there
      String[] rows = {
        "--database",
        archive.url,
        "--where",
        "messages.conversation_id=" + mine,
        "--where",
        "conversations.id=" + mine
      };
      String[] erase = with(rows, "--slot", archive.name);
      assertThat(archive.command("erase", erase).err()).contains("A bridge is running");
      // Of another slot no bridge is running.
      assertThat(archive.command("erase", with(rows, "--slot", "none")).err())
          .contains(
              "1 of these rows are still in the table of "
                  + archive.topics.table("public", "conversations"))
          .contains("delete them in the database first");
      archive.commit(
          "delete from messages where conversation_id = '" + mine + "'",
          "delete from conversations where id = '" + mine + "'");
      archive.awaitRouted();
      archive.stopBridge();
      assertThat(files(directory, secret)).anyMatch(file -> file.contains(messages));
      nobodyElse(archive, mine);
      Map<String, String> before = records(archive, mine);

      // And a first run dies when it has deleted the topic
      Set<ByteBuffer> keys = new HashSet<>();
      Records.each(
          archive,
          List.of(messages),
          record -> {
            if (text(record.record().value()).contains(mine.toString())) {
              keys.add(ByteBuffer.wrap(record.record().key()));
            }
          });
      try (Archive admin = archive.archive();
          NoBridge lead = new NoBridge(TestArchive.connect(archive.url), archive.name)) {
        new TopicRewrite(admin, archive.kafka(), new ReplayProgress(System.out, false), lead)
            .prepare(messages, keys);
        new RewriteTopics(admin.admin(), "-").delete(messages);
      }
      TestArchive.Ran ran = archive.command("erase", erase);

      // Then
      assertThat(ran.err()).contains("Erased").contains("where an earlier run stopped");
      assertThat(ran.code()).isZero();
      assertThat(records(archive, mine)).isEqualTo(before).hasSizeGreaterThan(60);
      try (Archive admin = archive.archive()) {
        assertThat(
                admin
                    .admin()
                    .listConsumerGroupOffsets("group")
                    .partitionsToOffsetAndMetadata()
                    .get())
            .isEqualTo(Map.of(partition, new OffsetAndMetadata(7, "m")));
        await()
            .atMost(TestArchive.PATIENCE)
            .untilAsserted(() ->
                assertThat(files(directory, secret))
                    .allMatch(file ->
                        file.contains(archive.topics.log())
                            || file.contains(archive.topics.questions())));

        // When the retention of the log and of the questions has passed
        AlterConfigOp roll =
            new AlterConfigOp(new ConfigEntry("segment.ms", "500"), AlterConfigOp.OpType.SET);
        AlterConfigOp expire =
            new AlterConfigOp(new ConfigEntry("retention.ms", "1000"), AlterConfigOp.OpType.SET);
        admin
            .admin()
            .incrementalAlterConfigs(
                Map.of(
                    topic(archive.topics.log()), List.of(roll),
                    topic(archive.topics.questions()), List.of(roll, expire),
                    topic(archive.topics.questionsDeadLetters()), List.of(roll, expire)))
            .all()
            .get();
      }
      archive.startBridge(
          Map.of(
              "penstock.bridge.log-retention", "1s",
              "penstock.bridge.log-check-interval", "500ms"));

      // Then no byte of it is left, and the router goes on
      await()
          .atMost(TestArchive.PATIENCE)
          .pollInterval(Duration.ofSeconds(1))
          .untilAsserted(() -> {
            // The log is cut up to what was routed.
            archive.commit(INSERT.formatted(other, "later"));
            assertThat(files(directory, secret)).isEmpty();
          });
      archive.awaitRouted();
      TestArchive.Ran rebuilt =
          archive.replay(
              "--into", dev.penstock.stack.TestStack.newDatabase(), "--verify", archive.url);
      assertThat(rebuilt.err()).contains("The tables are equal.");
    } finally {
      kafka.stop();
    }
  }

  private static ConfigResource topic(String name) {
    return new ConfigResource(ConfigResource.Type.TOPIC, name);
  }

  private static String[] with(String[] arguments, String... more) {
    return Stream.of(arguments, more).flatMap(Stream::of).toArray(String[]::new);
  }

  /// What says nothing about a table erases nothing of it, also where all its rows are gone.
  private static void nobodyElse(TestArchive archive, UUID mine) {
    String[] database = {"--database", archive.url, "--slot", archive.name};
    TestArchive.Ran ran =
        archive.command(
            "erase", with(database, "--dry-run", "--where", "messages.conversation_id=" + mine));
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.err()).contains("public.messages: 20 rows").doesNotContain("conversations");
    TestArchive.Ran all = archive.command("erase", with(database, "--table", "messages"));
    assertThat(all.err()).contains("--where: say which rows");
    assertThat(all.code()).isEqualTo(2);
    assertThat(archive.command("erase", with(database, "--where", "mesages.id=1")).err())
        .contains("--where mesages.id=1: the archive has no topic");
  }

  private static String text(byte[] value) {
    return value == null ? "" : new String(value, UTF_8);
  }

  /// By partition and offset, what is there; of the erased rows, only that there is something.
  private static Map<String, String> records(TestArchive archive, UUID erased) throws Exception {
    Map<String, String> records = new TreeMap<>();
    Records.each(
        archive,
        Records.tables(archive),
        record -> {
          String value = text(record.record().value());
          boolean gone = value.isEmpty() || value.contains(erased.toString());
          records.put(
              record.record().topic() + record.partition() + "@" + record.record().offset(),
              text(record.record().key()) + record.txid() + (gone ? "" : value));
        });
    return records;
  }

  private static List<String> files(Path directory, String secret) throws IOException {
    List<String> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(directory)) {
      files
          // Indexes are large, and have numbers only.
          .filter(file -> Files.isRegularFile(file) && !file.toString().endsWith("index"))
          .forEach(file -> {
            try {
              if (new String(Files.readAllBytes(file), ISO_8859_1).contains(secret)
                  || decoded(file).contains(secret)) {
                found.add(file.toString());
              }
            } catch (NoSuchFileException e) {
              // Just deleted.
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    } catch (UncheckedIOException e) {
      // A directory that was just deleted.
      found.add("unknown");
    }
    return found;
  }

  /// What a segment's records say: compression breaks a text in pieces wherever a part of it was in
  /// the batch before.
  private static String decoded(Path file) throws IOException {
    StringBuilder texts = new StringBuilder();
    if (file.getFileName().toString().contains(".log")) {
      ByteBuffer segment = ByteBuffer.wrap(Files.readAllBytes(file));
      for (Record record : MemoryRecords.readableRecords(segment).records()) {
        Stream.Builder<ByteBuffer> parts = Stream.builder();
        parts.add(record.key()).add(record.value());
        for (Header header : record.headers()) {
          parts.add(header.value() == null ? null : ByteBuffer.wrap(header.value()));
        }
        parts
            .build()
            .filter(Objects::nonNull)
            .forEach(part -> texts.append(UTF_8.decode(part)).append('\n'));
      }
    }
    return texts.toString();
  }
}
