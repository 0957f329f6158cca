package dev.penstock.bench;

import dev.penstock.contracts.log.LogEvent;
import dev.penstock.contracts.log.LogReader;
import dev.penstock.contracts.log.LogTopic;
import dev.penstock.contracts.log.Transaction;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/// What brings a slot's changes into a topic: the bridge, or the bare reader.
final class LogProgram {
  private final Rig rig;
  private final boolean ours;
  private final int lingerMillis;
  private final String slot;
  private final TopicPartition topic;

  private LogProgram(Rig rig, boolean ours, int lingerMillis) {
    this.rig = rig;
    this.ours = ours;
    this.lingerMillis = lingerMillis;
    slot = ours ? rig.name() : "bare_" + rig.name();
    topic = new TopicPartition(ours ? rig.topics().log() : rig.name() + ".bare", 0);
    try (Admin admin = Admin.create(rig.kafka())) {
      LogTopic.create(admin, topic.topic(), (short) 1);
    }
  }

  static LogProgram bridge(Rig rig) {
    return new LogProgram(rig, true, 0);
  }

  /// Has a slot of its own from now on.
  ///
  /// @param lingerMillis how long a row waits for others: 0 is the best for a single one, some for
  ///   a backlog
  static LogProgram bare(Rig rig, int lingerMillis) throws Exception {
    LogProgram bare = new LogProgram(rig, false, lingerMillis);
    rig.sql("select pg_create_logical_replication_slot('" + bare.slot + "', 'pgoutput')");
    return bare;
  }

  String subject() {
    return ours ? "bridge" : "bare reader";
  }

  TopicPartition topic() {
    return topic;
  }

  /// Whose clock a record's timestamp is: the producer's `CreateTime` or the broker's
  /// `LogAppendTime`.
  static void clock(Rig rig, TopicPartition topic, String type) throws Exception {
    try (Admin admin = Admin.create(rig.kafka())) {
      admin
          .incrementalAlterConfigs(
              Map.of(
                  new ConfigResource(ConfigResource.Type.TOPIC, topic.topic()),
                  List.of(
                      new AlterConfigOp(
                          new ConfigEntry("message.timestamp.type", type),
                          AlterConfigOp.OpType.SET))))
          .all()
          .get();
    }
  }

  /// Begins to start it; [#awaitConfirmed] waits until it works.
  Service start() {
    return ours
        ? rig.bridgeAlone()
        : rig.other(
            BareReader.class,
            "bare",
            List.of(
                rig.jdbcUrl(),
                slot,
                rig.name(),
                rig.stand().bootstrapServers(),
                topic.topic(),
                Integer.toString(lingerMillis)));
  }

  /// Waits until all that is committed by now is in the topic, and Postgres knows it.
  void awaitConfirmed() throws Exception {
    String target = rig.text("select pg_current_wal_insert_lsn()");
    rig.sql("insert into conversations values (gen_random_uuid(), 'bench', 'mark', now())");
    String query =
        "select confirmed_flush_lsn >= '%s' from pg_replication_slots where slot_name = '%s'"
            .formatted(target, slot);
    Waiting.until(
        subject() + " to be confirmed",
        () -> {
          rig.requireRunning();
          return rig.text(query).equals("t");
        });
  }

  long end() throws Exception {
    try (Admin admin = Admin.create(rig.kafka())) {
      return admin
          .listOffsets(Map.of(topic, OffsetSpec.latest()))
          .partitionResult(topic)
          .get()
          .offset();
    }
  }

  KafkaConsumer<byte[], byte[]> consumer(long from) {
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(rig.kafka(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    consumer.assign(List.of(topic));
    consumer.seek(topic, from);
    return consumer;
  }

  /// Reads on from the present end: of the bare topic its records, of the log what the one reader
  /// releases.
  Reader reader() throws Exception {
    if (ours) {
      LogReader reader = LogReader.fromLatestClaim(rig.kafka(), topic.topic());
      return new Reader() {
        @Override
        public void poll(LongConsumer txids) {
          for (LogEvent event : reader.poll(Duration.ofMillis(100))) {
            if (event instanceof Transaction transaction) {
              txids.accept(transaction.txid());
            }
          }
        }

        @Override
        public void close() {
          reader.close();
        }
      };
    }
    KafkaConsumer<byte[], byte[]> consumer = consumer(end());
    return new Reader() {
      @Override
      public void poll(LongConsumer txids) {
        for (var record : consumer.poll(Duration.ofMillis(100))) {
          txids.accept(Integer.toUnsignedLong(ByteBuffer.wrap(record.value()).getInt()));
        }
      }

      @Override
      public void close() {
        consumer.close();
      }
    };
  }

  /// Waits up to 100 ms and says which transactions have become readable.
  interface Reader extends AutoCloseable {
    void poll(LongConsumer txids);

    @Override
    void close();
  }
}
