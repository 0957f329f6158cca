package dev.penstock.bridge.router;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.bridge.BridgeMetrics;
import dev.penstock.contracts.Topics;
import dev.penstock.contracts.log.LogEntry;
import dev.penstock.contracts.log.LogEvent;
import dev.penstock.contracts.log.LogOrigin;
import dev.penstock.contracts.log.LogReader;
import dev.penstock.contracts.log.LogTopic;
import dev.penstock.contracts.log.LogWriter;
import dev.penstock.contracts.log.Relation;
import dev.penstock.contracts.log.Relation.Column;
import dev.penstock.contracts.log.ResumePoint;
import dev.penstock.contracts.log.Transaction;
import dev.penstock.contracts.log.Tuple;
import dev.penstock.stack.TestStack;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/// Kafka aborts a transaction that stays open for `transaction.timeout.ms`, and the router would
/// then begin again, for ever.
class OpenTransactionTest {
  /// The router looks whether it was stopped at every 1024th.
  private static final int ROWS = 1_100;

  private final Topics topics = new Topics(TestStack.newTopicPrefix().replaceFirst("\\.$", ""));
  private final Map<String, Object> kafka =
      Map.of("bootstrap.servers", TestStack.bootstrapServers());
  private final BridgeMetrics metrics = new BridgeMetrics(new SimpleMeterRegistry());

  @Test
  void noneIsOpenWhileASnapshotIsComparedWithTheTopics() throws Exception {
    // Given: a row of a table without a key, and one that the snapshot lacks
    String bare = topics.table("public", "bare");
    String fact = topics.table("public", "fact");
    try (Admin admin = Admin.create(kafka);
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(kafka, new ByteArraySerializer(), new ByteArraySerializer())) {
      List.of(bare, fact).forEach(new KeyedTopics(admin, (short) 1)::ensure);
      producer.send(new ProducerRecord<>(bare, null, standing("bare"))).get();
      producer.send(new ProducerRecord<>(fact, bytes("{\"id\":7}"), standing("fact"))).get();
    }
    Routing routing = new Routing(topics, (short) 1, "db", Map.of(), Map.of(), false);
    Steps steps = new Steps();

    // When
    new Reconciliation(
            routing,
            new Envelope(topics.prefix(), "db"),
            metrics,
            snapshot(),
            () -> {
              steps.add("looked");
              return false;
            })
        .run(new KeyedTopicsReader(kafka, () -> false), List.of(bare, fact), steps);

    // Then
    assertThat(steps.all).containsExactly("looked", "t", "r", "looked", "r", "commit", "d");
    assertThat(steps.places).isGreaterThanOrEqualTo(256);
  }

  @Test
  void aLongPostgresTransactionIsCommittedInBetween() {
    AtomicLong now = new AtomicLong();
    try (Admin admin = Admin.create(kafka);
        MockProducer<byte[], byte[]> producer =
            new MockProducer<>(
                Cluster.empty(),
                true,
                null,
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
      producer.initTransactions();
      RouterBatch batch =
          new RouterBatch(
              producer,
              new KeyedTopics(admin, (short) 1),
              new TopicPartition(topics.log(), 0),
              "group",
              metrics,
              now::get);
      now.addAndGet(Duration.ofMinutes(1).toNanos());
      assertThat(batch.overfull()).isFalse();
      batch.send(new ProducerRecord<>(topics.table("public", "fact"), bytes("{}")));
      assertThat(batch.overfull()).isFalse();

      now.addAndGet(Duration.ofSeconds(6).toNanos());

      assertThat(batch.overfull()).isTrue();
    }
  }

  /// What is said to the output, and what repeats itself once only.
  private static final class Steps implements Reconciliation.Output {
    private final List<String> all = new ArrayList<>();

    /// Places to commit since the last commit.
    private int places;

    private void add(String step) {
      if (all.isEmpty() || !all.getLast().equals(step)) {
        all.add(step);
      }
    }

    @Override
    public void send(ProducerRecord<byte[], byte[]> record) {
      add(JsonMapper.shared().readTree(record.value()).get("op").asString());
    }

    @Override
    public void between() {
      places++;
    }

    @Override
    public void commit() {
      places = 0;
      add("commit");
    }
  }

  private Transaction snapshot() {
    try (Admin admin = Admin.create(kafka)) {
      LogTopic.create(admin, topics.log(), (short) 1);
    }
    try (LogWriter writer = new LogWriter(kafka, topics.log())) {
      writer.claim("a test");
      writer.open(new LogOrigin("a test", "1", 1, "db", "slot", "topic", 10, 20, 1));
      Relation bare =
          writer.append(
              new Relation(
                  -1,
                  16_385,
                  "public",
                  "bare",
                  "f",
                  List.of(new Column("a", 25, -1, "text", "b", 0, false, -1))));
      for (int i = 0; i < ROWS; i++) {
        writer.add(new LogEntry.SnapshotRow(bare, Tuple.of("" + i)));
      }
      writer.commit(new ResumePoint(10, 700, 1), true);
      writer.flush();
    }
    LogReader reader = LogReader.fromBeginning(kafka, topics.log());
    try (reader) {
      while (true) {
        for (LogEvent event : reader.poll(Duration.ofMillis(100))) {
          if (event instanceof Transaction transaction) {
            return transaction;
          }
        }
      }
    }
  }

  private byte[] standing(String table) {
    return bytes(
        """
        {"before":null,"after":{"id":7},"source":{"name":"%s","schema":"public","table":"%s"},\
        "op":"c"}\
        """
            .formatted(topics.prefix(), table));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
