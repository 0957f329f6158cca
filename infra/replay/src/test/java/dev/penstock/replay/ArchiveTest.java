package dev.penstock.replay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.contracts.Headers;
import dev.penstock.contracts.Topics;
import dev.penstock.stack.TestStack;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

/// What a replay reads, where the router is one that this test can hold in the middle.
class ArchiveTest {
  private static final int MANY = 6_000;

  private final Map<String, Object> kafka =
      Map.of("bootstrap.servers", TestStack.bootstrapServers());
  private final Topics topics = new Topics(TestStack.newTopicPrefix().replaceFirst("\\.$", ""));
  private final String table = topics.table("public", "rows");
  private final TopicPartition busy = new TopicPartition(table, 0);
  private final TopicPartition idle = new TopicPartition(table, 1);

  private Archive archive() throws Exception {
    Archive archive = new Archive(kafka, topics, false);
    archive.admin().createTopics(List.of(new NewTopic(table, 2, (short) 1))).all().get();
    return archive;
  }

  private KafkaProducer<byte[], byte[]> producer(Map<String, Object> changes) {
    Map<String, Object> config = new HashMap<>(kafka);
    config.putAll(changes);
    return new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer());
  }

  private static ProducerRecord<byte[], byte[]> record(TopicPartition partition, int lsn) {
    RecordHeaders headers = new RecordHeaders();
    headers.add(Headers.COMMIT_LSN, Integer.toString(lsn).getBytes(UTF_8));
    return new ProducerRecord<>(
        partition.topic(), partition.partition(), new byte[1], new byte[300], headers);
  }

  @Test
  void theEndsAreBehindWhatIsNotShownYetInAllPartitions() throws Exception {
    try (Archive archive = archive();
        var router = producer(Map.of("transactional.id", topics.prefix()))) {
      // Given a transaction of which Kafka may have shown the router's position already
      router.initTransactions();
      router.beginTransaction();
      router.send(record(busy, 1)).get();

      // When
      CompletableFuture<Map<TopicPartition, Long>> ends =
          CompletableFuture.supplyAsync(archive::ends);

      // Then
      assertThat(ends).failsWithin(2, TimeUnit.SECONDS);
      router.commitTransaction();
      assertThat(ends.get(60, TimeUnit.SECONDS)).isEqualTo(Map.of(busy, 2L, idle, 0L));
    }
  }

  @Test
  void whatIsWrittenToAPartitionWhileOthersAreReadComesInTheNextRound() throws Exception {
    try (Archive archive = archive();
        var router = producer(Map.of());
        Merge merge = new Merge(archive.consumer(), List.of())) {
      // Given a round that began when one of the partitions was empty
      // The first alone: many at once can miss a partition that has no leader yet, all of them.
      router.send(record(busy, 1)).get();
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      for (int lsn = 2; lsn <= MANY; lsn++) {
        sent.add(router.send(record(busy, lsn)));
      }
      for (Future<RecordMetadata> one : sent) {
        var _ = one.get();
      }
      router.send(record(idle, MANY + 1)).get();
      merge.extend(Map.of(), Map.of(busy, (long) MANY, idle, 0L));
      assertThat(taken(merge)).isGreaterThanOrEqualTo(MANY);

      // When
      router.send(record(idle, MANY + 2)).get();
      merge.extend(Map.of(), archive.ends());

      // Then
      assertThat(taken(merge)).isEqualTo(2);
    }
  }

  private static int taken(Merge merge) {
    int taken = 0;
    for (Optional<ArchiveRecord> next = merge.peek(); next.isPresent(); next = merge.peek()) {
      merge.take();
      taken++;
    }
    return taken;
  }
}
