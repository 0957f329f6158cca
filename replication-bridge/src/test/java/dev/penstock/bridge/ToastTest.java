package dev.penstock.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.contracts.log.LogEntry;
import java.sql.Connection;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// An answer of 1 MiB lies outside of its row, and an update of its status does not send it again.
class ToastTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String ANSWER =
      "(select string_agg(md5(i::text), '') from generate_series(1, 32768) i)";

  private static TestBridge bridge;

  @BeforeAll
  static void start() throws Exception {
    bridge =
        TestBridge.onSharedStack(
            "create table whole (id int primary key, status text, answer text)",
            "alter table whole replica identity full",
            "create table keyed (id int primary key, status text, answer text)");
    try (Connection connection = bridge.connect()) {
      Sql.run(connection, "alter publication " + bridge.name + " add table whole, keyed");
    }
    bridge.startAndLead();
  }

  @AfterAll
  static void stop() {
    bridge.close();
  }

  @Test
  void theWholeOldRowFillsAnUnchangedAnswer() throws Exception {
    try (Connection connection = bridge.connect()) {
      Sql.run(connection, "insert into whole values (1, 'generating', " + ANSWER + ")");
      long txid = Sql.commit(connection, "update whole set status = 'completed'");
      long emptied = Sql.commit(connection, "update whole set answer = null, status = 'failed'");

      String answer = Sql.text(connection, "select " + ANSWER);
      var all = bridge.transactionsUntil(emptied);
      var update = (LogEntry.Update) Changes.entries(all, txid).getFirst();
      assertThat(update.row().text(2)).isEqualTo(answer);
      assertThat(Changes.of(all, emptied)).singleElement().asString().endsWith("1,failed,null");

      List<ConsumerRecord<byte[], byte[]>> routed = KeyedTopic.read(bridge, "whole", 3);
      JsonNode value = JSON.readTree(routed.get(1).value());
      assertThat(value.at("/after/status").asString()).isEqualTo("completed");
      assertThat(value.at("/after/answer").asString()).isEqualTo(answer);
      assertThat(JSON.readTree(routed.get(2).value()).at("/after/answer").isNull()).isTrue();
    }
  }

  @Test
  void withoutTheOldRowAnUnchangedAnswerIsSaidToBeUnchanged() throws Exception {
    try (Connection connection = bridge.connect()) {
      Sql.run(connection, "insert into keyed values (1, 'generating', " + ANSWER + ")");
      long txid = Sql.commit(connection, "update keyed set status = 'completed'");
      long moved = Sql.commit(connection, "update keyed set id = 2");

      var all = bridge.transactionsUntil(moved);
      for (long each : List.of(txid, moved)) {
        var update = (LogEntry.Update) Changes.entries(all, each).getFirst();
        assertThat(update.row().isUnchanged(2)).isTrue();
        assertThat(update.row().isNull(2)).isFalse();
      }

      // A consumer that overwrites the fields it is given keeps the answer.
      List<ConsumerRecord<byte[], byte[]>> routed = KeyedTopic.read(bridge, "keyed", 4);
      assertThat(routed)
          .filteredOn(record -> JSON.readTree(record.value()).path("after").has("answer"))
          .singleElement()
          .extracting(record -> JSON.readTree(record.value()).get("op").asString())
          .isEqualTo("c");
      assertThat(routed)
          .noneMatch(record -> new String(record.value(), UTF_8).contains("unavailable"));
    }
  }
}
