package dev.penstock.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/// What every stack must do, wherever it runs.
abstract class StackContract {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int LARGE = 33 << 20;

  abstract Stack stack();

  @Test
  void aLogicalSlotSeesTheRowsAndMessagesOfACommit() throws SQLException {
    stack().createDatabase("contract");
    stack().createDatabase("contract");

    try (Connection connection = DriverManager.getConnection(stack().jdbcUrl("contract"));
        Statement statement = connection.createStatement()) {
      statement.execute("create table word (id int primary key, text text)");
      statement.execute("create publication words for table word");
      statement.execute("select pg_create_logical_replication_slot('words', 'pgoutput')");
      statement.execute("insert into word values (1, 'Schütz')");

      try (ResultSet changes =
          statement.executeQuery(
              "select count(*) from pg_logical_slot_peek_binary_changes('words', null, null,"
                  + " 'proto_version', '1', 'publication_names', 'words')"
                  + " where get_byte(data, 0) = ascii('I')")) {
        assertThat(changes.next()).isTrue();
        assertThat(changes.getInt(1)).isEqualTo(1);
      }
      statement.execute("select pg_drop_replication_slot('words')");
    }
  }

  @Test
  void aRecordOfMoreThanTheLogsLimitPassesInATransaction() throws Exception {
    stack().createTopic("large", 1, Map.of());
    byte[] value = new byte[LARGE];
    new Random(42).nextBytes(value);

    Map<String, Object> producing =
        Map.of(
            "bootstrap.servers",
            stack().bootstrapServers(),
            "transactional.id",
            "large",
            "max.request.size",
            KafkaSettings.MAX_RECORD_BYTES,
            "buffer.memory",
            2L * KafkaSettings.MAX_RECORD_BYTES);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(producing, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>("large", value)).get();
      producer.commitTransaction();
    }

    Map<String, Object> consuming =
        Map.of(
            "bootstrap.servers",
            stack().bootstrapServers(),
            "isolation.level",
            "read_committed",
            "auto.offset.reset",
            "earliest");
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(consuming, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(new TopicPartition("large", 0)));
      ConsumerRecords<byte[], byte[]> records =
          Awaitility.await()
              .atMost(LIMIT)
              .until(() -> consumer.poll(Duration.ofSeconds(1)), found -> !found.isEmpty());
      ConsumerRecord<byte[], byte[]> record = records.iterator().next();
      assertThat(Arrays.equals(record.value(), value)).isTrue();
    }
  }

  @Test
  void aShareGroupTakesWhatWasWrittenAfterItJoined() throws Exception {
    stack().createTopic("shared", 3, Map.of());
    Map<String, Object> settings = Map.of("bootstrap.servers", stack().bootstrapServers());
    Map<String, Object> consuming =
        Map.of("bootstrap.servers", stack().bootstrapServers(), "group.id", "sharers");

    try (KafkaProducer<String, String> producer =
            new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
        KafkaShareConsumer<String, String> consumer =
            new KafkaShareConsumer<>(
                consuming, new StringDeserializer(), new StringDeserializer())) {
      consumer.subscribe(List.of("shared"));
      Awaitility.await()
          .atMost(LIMIT)
          .until(
              () -> {
                producer.send(new ProducerRecord<>("shared", "key", "value")).get();
                return consumer.poll(Duration.ofMillis(500)).count();
              },
              count -> count > 0);
    }
  }

  @Test
  void groupsOfEveryProtocolMayAskForSessionsOfTwoSeconds() throws Exception {
    stack().createTopic("grouped", 1, Map.of());
    Map<String, Object> settings = Map.of("bootstrap.servers", stack().bootstrapServers());
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      producer.send(new ProducerRecord<>("grouped", "key", "value")).get();
    }
    try (Admin admin = Admin.create(settings)) {
      admin
          .incrementalAlterConfigs(
              Map.of(
                  new ConfigResource(ConfigResource.Type.GROUP, "seconds-consumer"),
                  List.of(twoSeconds("consumer.session.timeout.ms")),
                  new ConfigResource(ConfigResource.Type.GROUP, "seconds-share"),
                  List.of(twoSeconds("share.session.timeout.ms"))))
          .all()
          .get();
    }

    for (String protocol : List.of("classic", "consumer")) {
      try (KafkaConsumer<String, String> consumer = group(protocol)) {
        consumer.subscribe(List.of("grouped"));
        Awaitility.await()
            .atMost(LIMIT)
            .until(() -> consumer.poll(Duration.ofMillis(500)).count(), count -> count > 0);
      }
    }
  }

  private static AlterConfigOp twoSeconds(String name) {
    return new AlterConfigOp(new ConfigEntry(name, "2000"), AlterConfigOp.OpType.SET);
  }

  private KafkaConsumer<String, String> group(String protocol) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", stack().bootstrapServers());
    settings.put("group.id", "seconds-" + protocol);
    settings.put("group.protocol", protocol);
    settings.put("auto.offset.reset", "earliest");
    if (protocol.equals("classic")) {
      settings.put("session.timeout.ms", "2000");
      settings.put("heartbeat.interval.ms", "500");
    }
    return new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
  }
}
