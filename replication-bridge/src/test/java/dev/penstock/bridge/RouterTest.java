package dev.penstock.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.contracts.Headers;
import dev.penstock.contracts.Partitions;
import dev.penstock.contracts.Topics;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class RouterTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String CONVERSATION = "0d7a2ed5-1d67-4b9b-a1b5-0c60a0b0a001";

  private static TestBridge bridge;

  @BeforeAll
  static void start() throws Exception {
    bridge = TestBridge.onSharedStack(TestBridge.fact());
    bridge.startAndLead();
  }

  @AfterAll
  static void stop() {
    bridge.close();
  }

  @Test
  void changesCarryDebeziumsEnvelopeAndPenstocksHeaders() throws Exception {
    try (Connection connection = bridge.connect()) {
      String trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
      long txid =
          Sql.commit(
              connection,
              "select pg_logical_emit_message(true, 'penstock.trace', '" + trace + "')",
              "insert into fact values (1, 'p', 'a')",
              "insert into fact values (2, 'q', null)");
      Sql.commit(connection, "update fact set body = 'b' where id = 1");
      Sql.commit(connection, "update fact set id = 3 where id = 1");
      Sql.commit(connection, "delete from fact where id = 3");

      List<ConsumerRecord<byte[], byte[]>> records = KeyedTopic.read(bridge, "fact", 6);
      ConsumerRecord<byte[], byte[]> first = byKey(records, "{\"id\":1}").getFirst();
      assertThat(Headers.text(first.headers(), Headers.TXID)).isEqualTo(Long.toString(txid));
      assertThat(Headers.text(first.headers(), Headers.SEQ)).isEqualTo("0");
      assertThat(Headers.text(first.headers(), Headers.TRACEPARENT)).isEqualTo(trace);
      assertThat(first.partition()).isEqualTo(Partitions.of("p", Topics.KEYED_PARTITIONS));
      JsonNode value = JSON.readTree(first.value());
      assertThat(value.get("op").asString()).isEqualTo("c");
      assertThat(value.get("before").isNull()).isTrue();
      assertThat(value.get("after"))
          .isEqualTo(JSON.readTree("{\"id\":1,\"part\":\"p\",\"body\":\"a\"}"));
      assertThat(value.at("/source/txId").asLong()).isEqualTo(txid);
      assertThat(value.at("/source/table").asString()).isEqualTo("fact");
      assertThat(value.at("/source/lsn").asString())
          .isEqualTo(Headers.text(first.headers(), Headers.COMMIT_LSN));
      assertThat(ops(byKey(records, "{\"id\":1}"))).containsExactly("c", "u", "d");
      assertThat(ops(byKey(records, "{\"id\":2}"))).containsExactly("c");
      assertThat(ops(byKey(records, "{\"id\":3}"))).containsExactly("c", "d");
    }
  }

  @Test
  void onlyDeclaredAndValidMessagesAreRouted() throws Exception {
    try (Connection connection = bridge.connect();
        Admin admin = Admin.create(KeyedTopic.kafka(bridge))) {
      String question =
          """
          {"questionId":"0d7a2ed5-1d67-4b9b-a1b5-0c60a0b0a002",\
          "answerId":"0d7a2ed5-1d67-4b9b-a1b5-0c60a0b0a003","conversationId":"%s",\
          "owner":"alice","content":"why?","askedAt":"2026-11-22T08:16:34Z"}\
          """
              .formatted(CONVERSATION);
      Sql.commit(connection, emit("stray", question), emit(bridge.topics.log(), question));
      Sql.commit(connection, emit("penstock.heartbeat", "{}"));
      Sql.commit(
          connection, emit("penstock.questions", question.replace("\"owner\"", "\"other\"")));
      Sql.commit(connection, emit("penstock.questions", "no json"));
      long txid = Sql.commit(connection, emit("penstock.questions", question));

      List<ConsumerRecord<byte[], byte[]>> records =
          KeyedTopic.readTopic(bridge, bridge.topics.questions(), 1);
      assertThat(records).hasSize(1);
      assertThat(new String(records.getFirst().key(), UTF_8)).isEqualTo(CONVERSATION);
      assertThat(new String(records.getFirst().value(), UTF_8)).isEqualTo(question);
      assertThat(Headers.text(records.getFirst().headers(), Headers.TXID))
          .isEqualTo(Long.toString(txid));
      assertThat(admin.listTopics().names().get()).noneMatch(topic -> topic.contains("stray"));
      assertThat(ignored("undeclared")).isEqualTo(2);
      assertThat(ignored("invalid")).isEqualTo(2);
      // What is invalid is kept as it is, with the reason, and the rest went past it.
      assertThat(KeyedTopic.readTopic(bridge, bridge.topics.questionsDeadLetters(), 2))
          .extracting(
              r -> Headers.text(r.headers(), Headers.CAUSE) + ": " + new String(r.value(), UTF_8))
          .containsExactlyInAnyOrder(
              "owner is missing: " + question.replace("\"owner\"", "\"other\""),
              "the payload is no JSON: no json");
    }
  }

  @Test
  void aTraceOfAnotherSizeThanATraceparentsIsLeftOut() throws Exception {
    try (Connection connection = bridge.connect()) {
      long txid =
          Sql.commit(
              connection,
              "select pg_logical_emit_message(true, 'penstock.trace', repeat('x', 33000000))",
              "insert into fact values (1000, 'p', 'a')");

      await()
          .atMost(TestBridge.PATIENCE)
          .untilAsserted(() ->
              assertThat(byKey(KeyedTopic.read(bridge, "fact", 1), "{\"id\":1000}"))
                  .singleElement()
                  .satisfies(record -> {
                    assertThat(Headers.text(record.headers(), Headers.TXID))
                        .isEqualTo(Long.toString(txid));
                    assertThat(record.headers().lastHeader(Headers.TRACEPARENT)).isNull();
                  }));
      assertThat(ignored("invalid trace")).isEqualTo(1);
    }
  }

  @Test
  void aTruncationIsSaidToEveryPartition() throws Exception {
    try (Connection connection = bridge.connect()) {
      Sql.run(connection, "create table emptied (id int primary key)");
      Sql.run(connection, "alter publication " + bridge.name + " add table emptied");
      Sql.commit(connection, "insert into emptied values (1)", "truncate emptied");

      List<ConsumerRecord<byte[], byte[]>> records = KeyedTopic.read(bridge, "emptied", 13);
      assertThat(records)
          .filteredOn(r -> ops(List.of(r)).equals(List.of("t")))
          .extracting(ConsumerRecord::partition)
          .containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
      assertThat(records).hasSize(13);
    }
  }

  private static double ignored(String reason) {
    return bridge
        .bean(MeterRegistry.class)
        .counter("penstock.bridge.ignored", "reason", reason)
        .count();
  }

  private static String emit(String prefix, String content) {
    return "select pg_logical_emit_message(true, '" + prefix + "', '" + content + "')";
  }

  private static List<ConsumerRecord<byte[], byte[]>> byKey(
      List<ConsumerRecord<byte[], byte[]>> records, String key) {
    return records.stream().filter(r -> new String(r.key(), UTF_8).equals(key)).toList();
  }

  private static List<String> ops(List<ConsumerRecord<byte[], byte[]>> records) {
    return records.stream().map(r -> JSON.readTree(r.value()).get("op").asString()).toList();
  }
}
