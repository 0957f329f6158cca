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
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
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
      String secret = "secret" + UUID.randomUUID().toString().replace("-", "");
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
      for (int i = 0; i < 20; i++) {
        archive.commit(INSERT.formatted(mine, secret + i), INSERT.formatted(other, "keep " + i));
        archive.commit("update messages set content = content || '!'");
      }
      archive.awaitRouted();
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
      String[] erase = {
        "--database",
        archive.url,
        "--slot",
        archive.name,
        "--where",
        "messages.conversation_id=" + mine,
        "--where",
        "conversations.id=" + mine
      };
      assertThat(archive.command("erase", erase).err()).contains("A bridge is running");
      archive.stopBridge();
      assertThat(archive.command("erase", erase).err())
          .contains("delete them in the database first");
      archive.startBridge();
      archive.commit(
          "delete from messages where conversation_id = '" + mine + "'",
          "delete from conversations where id = '" + mine + "'");
      archive.awaitRouted();
      archive.stopBridge();
      assertThat(files(directory, secret)).anyMatch(file -> file.contains(messages));
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
                    .allMatch(file -> file.contains(archive.topics.log())));

        // When the log's retention has passed
        admin
            .admin()
            .incrementalAlterConfigs(
                Map.of(
                    new ConfigResource(ConfigResource.Type.TOPIC, archive.topics.log()),
                    List.of(
                        new AlterConfigOp(
                            new ConfigEntry("segment.ms", "500"), AlterConfigOp.OpType.SET))))
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
          .filter(Files::isRegularFile)
          .forEach(file -> {
            try {
              if (new String(Files.readAllBytes(file), ISO_8859_1).contains(secret)) {
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
}
