package dev.penstock.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.stack.TestStack;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/// Rows and bytes per second, against a consumer that only reads; not in the test run: `mvn verify
/// -pl infra/replay -am -Dtest=ReplaySpeed -Dpenstock.replay.rows=100000`.
class ReplaySpeed {
  private static final int ROWS = Integer.getInteger("penstock.replay.rows", 100_000);

  @Test
  void againstABareConsumer() throws Exception {
    try (TestArchive archive = new TestArchive()) {
      archive.commit(
          "insert into conversations select gen_random_uuid(), 'o', 't' from generate_series(1, 100)");
      for (int i = 0; i < ROWS / 1_000; i++) {
        archive.commit(
            "insert into messages select gen_random_uuid(), (select id from conversations offset %d limit 1), 'user', 'completed', repeat(md5(random()::text), 10), null, null, now(), now() from generate_series(1, 1000)"
                .formatted(i % 100));
      }
      archive.awaitRouted();
      bare(archive);
      bare(archive);
      TestArchive.Ran dry = archive.replay("--dry-run");
      System.out.println("no target: " + dry.err());
      TestArchive.Ran topic = archive.replay("--into", "speed-" + archive.topics.prefix());
      System.out.println("topic: " + topic.err());
      TestArchive.Ran jdbc =
          archive.replay("--into", TestStack.newDatabase(), "--verify", archive.url);
      System.out.println("jdbc: " + jdbc.err());
      System.out.println(
          "load: " + ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
      assertThat(jdbc.code()).isZero();
    }
  }

  private static void bare(TestArchive archive) {
    try (Archive topics = archive.archive();
        KafkaConsumer<byte[], byte[]> consumer = topics.consumer()) {
      Map<TopicPartition, Long> ends = topics.ends();
      consumer.assign(ends.keySet());
      consumer.seekToBeginning(ends.keySet());
      long records = 0;
      long bytes = 0;
      long began = System.nanoTime();
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          records++;
          bytes += record.value() == null ? 0 : record.value().length;
        }
      }
      double seconds = (System.nanoTime() - began) / 1e9;
      System.out.printf(
          "bare: %,d records, %,.0f/s, %.1f MiB/s%n",
          records, records / seconds, bytes / seconds / (1 << 20));
    }
  }
}
