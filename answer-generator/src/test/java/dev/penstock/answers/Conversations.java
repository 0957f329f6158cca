package dev.penstock.answers;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.penstock.contracts.Migrations;
import dev.penstock.contracts.QuestionAsked;
import dev.penstock.contracts.Topics;
import dev.penstock.stack.PostgresServer;
import dev.penstock.stack.TestStack;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import tools.jackson.databind.json.JsonMapper;

/// What command-service and bridge do: rows in one transaction, then the event in the topic.
final class Conversations implements AutoCloseable {
  record Message(
      String status, String content, @Nullable String error, String updatedAt, String xmin) {}

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String SHARED = migrated(TestStack.newDatabase());
  private static final HikariDataSource POOL = pool(SHARED);

  final Topics topics = new Topics(TestStack.newTopicPrefix() + "penstock");
  final JdbcClient jdbc;
  private final String databaseUrl;
  private UUID conversationId = UUID.randomUUID();
  private @Nullable KafkaProducer<byte[], byte[]> producer;

  Conversations() {
    this(SHARED, POOL);
  }

  /// In a database of its own, migrated.
  Conversations(String databaseUrl, DataSource dataSource) {
    this.databaseUrl = databaseUrl;
    this.jdbc = JdbcClient.create(dataSource);
    jdbc.sql("truncate conversations, messages, answer_leases, commands, dead_letters").update();
    newConversation();
  }

  /// Later questions belong to this one.
  void newConversation() {
    conversationId = UUID.randomUUID();
    jdbc.sql("insert into conversations (id, owner, title) values (?, 'alice', 'A test')")
        .param(conversationId)
        .update();
  }

  private static HikariDataSource pool(String url) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setMaximumPoolSize(3);
    return new HikariDataSource(config);
  }

  /// Without the slot, which would keep WAL for nobody.
  static String migrated(String url) {
    String slot = "answers_" + UUID.randomUUID().toString().replace("-", "");
    new Migrations(url, "postgres", "", "penstock", slot).migrate();
    JdbcClient.create(new DriverManagerDataSource(url))
        .sql("select pg_drop_replication_slot(?)::text")
        .param(slot)
        .query(String.class)
        .single();
    return url;
  }

  static String sharedDatabaseUrl() {
    return SHARED;
  }

  static DataSource sharedDatabase() {
    return POOL;
  }

  QuestionAsked question(String content) {
    return new QuestionAsked(
        UUID.randomUUID(), UUID.randomUUID(), conversationId, "alice", content, Instant.now());
  }

  /// Both rows and the record.
  QuestionAsked ask(String content) {
    QuestionAsked asked = question(content);
    insert(jdbc, asked);
    produce(asked);
    return asked;
  }

  void insert(JdbcClient connection, QuestionAsked asked) {
    connection
        .sql(
            """
            insert into messages
              (id, conversation_id, role, status, content, reply_to, created_at, updated_at)
            values (:question, :conversation, 'user', 'completed', :content, null, now(), now()),
              (:answer, :conversation, 'assistant', 'pending', '', :question,
               now() + interval '1 ms', now() + interval '1 ms')
            """)
        .param("question", asked.questionId())
        .param("answer", asked.answerId())
        .param("conversation", asked.conversationId())
        .param("content", asked.content())
        .update();
  }

  void produce(QuestionAsked... asked) {
    KafkaProducer<byte[], byte[]> writer = producer();
    writer.beginTransaction();
    for (QuestionAsked each : asked) {
      send(writer, each.conversationId(), json(each));
    }
    writer.commitTransaction();
  }

  void produce(boolean commit, List<byte @Nullable []> values) {
    KafkaProducer<byte[], byte[]> writer = producer();
    writer.beginTransaction();
    for (byte[] value : values) {
      send(writer, conversationId, value);
    }
    writer.flush();
    if (commit) {
      writer.commitTransaction();
    } else {
      writer.abortTransaction();
    }
  }

  private void send(KafkaProducer<byte[], byte[]> writer, UUID key, byte @Nullable [] value) {
    var _ =
        writer.send(
            new ProducerRecord<>(topics.questions(), key.toString().getBytes(UTF_8), value));
  }

  static byte[] json(QuestionAsked asked) {
    return JSON.writeValueAsBytes(asked);
  }

  private KafkaProducer<byte[], byte[]> producer() {
    KafkaProducer<byte[], byte[]> writer = producer;
    if (writer == null) {
      createTopic(Topics.KEYED_PARTITIONS);
      writer =
          new KafkaProducer<>(
              Map.of(
                  "bootstrap.servers", TestStack.bootstrapServers(),
                  "transactional.id", topics.prefix(),
                  "linger.ms", 0),
              new ByteArraySerializer(),
              new ByteArraySerializer());
      writer.initTransactions();
      producer = writer;
    }
    return writer;
  }

  /// Unless it is there.
  void createTopic(int partitions) {
    TestStack.createTopic(topics.questions(), partitions, Map.of());
  }

  String content(UUID messageId) {
    return jdbc.sql("select content from messages where id = ?")
        .param(messageId)
        .query(String.class)
        .single();
  }

  Message answer(QuestionAsked asked) {
    return jdbc.sql(
            "select status, content, error, updated_at::text, xmin::text from messages where id = ?")
        .param(asked.answerId())
        .query(Message.class)
        .single();
  }

  /// What the command-service does.
  void cancel(QuestionAsked asked) {
    jdbc.sql("update messages set status = 'cancelled', updated_at = now() where id = ?")
        .param(asked.answerId())
        .update();
  }

  record DeadLetter(
      UUID id,
      @Nullable UUID answerId,
      String reason,
      String cause,
      int attempts,
      @Nullable String payload) {}

  List<DeadLetter> deadLetters() {
    return jdbc.sql(
            "select id, answer_id, reason, cause, attempts, payload from dead_letters"
                + " order by failed_at")
        .query((row, number) ->
            new DeadLetter(
                row.getObject(1, UUID.class),
                row.getObject(2, UUID.class),
                row.getString(3),
                row.getString(4),
                row.getInt(5),
                row.getString(6)))
        .list();
  }

  int leases() {
    return jdbc.sql("select count(*) from answer_leases").query(Integer.class).single();
  }

  /// Short times; the sweep takes only what lost its lease, unless told otherwise.
  Map<String, Object> settings(Map<String, Object> changes) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("penstock.answers.database-url", PostgresServer.withoutUser(databaseUrl));
    settings.put("penstock.answers.database-user", "penstock_answers");
    settings.put("penstock.answers.database-password", "");
    settings.put("penstock.answers.kafka-bootstrap-servers", TestStack.bootstrapServers());
    settings.put("penstock.answers.topic-prefix", topics.prefix());
    settings.put("penstock.answers.group", topics.prefix() + ".answers");
    settings.put("penstock.answers.concurrency", 8);
    settings.put("penstock.answers.attempts", 3);
    settings.put("penstock.answers.attempt-backoff", "10ms");
    settings.put("penstock.answers.longest-pause", "1s");
    settings.put("penstock.answers.answer-timeout", "30s");
    settings.put("penstock.answers.max-answer-length", 2000);
    settings.put("penstock.answers.history-messages", 100);
    settings.put("penstock.answers.max-claims", 5);
    settings.put("penstock.answers.stop-poll", "100ms");
    settings.put("penstock.answers.update-interval", "340ms");
    settings.put("penstock.answers.sentence-patience", "500ms");
    settings.put("penstock.answers.max-amplification", 3);
    settings.put("penstock.answers.lease", "2s");
    settings.put("penstock.answers.visibility-patience", "2s");
    settings.put("penstock.answers.record-lock", "2s");
    settings.put("penstock.answers.delivery-limit", 10);
    settings.put("penstock.answers.sweep-interval", "200ms");
    settings.put("penstock.answers.sweep-pending-after", "1h");
    settings.put("penstock.answers.sweep-limit", 100);
    settings.put("penstock.answers.close-grace", "100ms");
    settings.put("penstock.answers.longest-queue-age", "2m");
    settings.put("penstock.answers.longest-silence", "10s");
    settings.put("penstock.answers.dead-letter-retention", "30d");
    settings.put("penstock.answers.most-dead-letters", 10_000);
    settings.put("penstock.answers.offline-word-delay", "0ms");
    settings.put("penstock.answers.management-address", "127.0.0.1");
    settings.put("penstock.answers.management-port", -1);
    settings.put("penstock.answers.llm.provider", "");
    settings.put("penstock.answers.llm.base-url", "");
    settings.put("penstock.answers.llm.api-key", "");
    settings.put("penstock.answers.llm.model", "");
    settings.put("penstock.answers.llm.system", "");
    settings.put("penstock.answers.llm.context-tokens", 8000);
    settings.put("penstock.answers.llm.answer-tokens", 4096);
    settings.put("penstock.answers.llm.idle-timeout", "10s");
    settings.put("penstock.answers.llm.requests-per-minute", 0);
    settings.put("penstock.answers.llm.resume", true);
    changes.forEach((key, value) -> settings.put("penstock.answers." + key, value));
    return settings;
  }

  AnswersProperties properties(Map<String, Object> changes) {
    return new Binder(new MapConfigurationPropertySource(settings(changes)))
        .bind("penstock.answers", AnswersProperties.class)
        .get();
  }

  @Override
  public void close() {
    if (producer != null) {
      producer.close(Duration.ofSeconds(1));
    }
  }
}
