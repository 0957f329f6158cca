package dev.penstock.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DebeziumCompatibilityTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Test
  void explore() throws Exception {
    try (TestBridge bridge = TestBridge.onSharedStack(TypedValues.tables().toArray(String[]::new));
        Connection connection = bridge.connect()) {
      Sql.run(connection, "alter publication " + bridge.name + " add table typed, typed_arrays");
      try (StockDebezium stock = new StockDebezium(bridge)) {
        bridge.startAndLead();
        List<String> inserts = TypedValues.inserts();
        Sql.commit(connection, inserts.toArray(String[]::new));
        Sql.commit(
            connection,
            "update typed set id = 1000 where id = 0",
            "delete from typed where id = 1000");
        Sql.commit(connection, "truncate typed");
        await()
            .atMost(Duration.ofSeconds(60))
            .until(() -> {
              return stock.events().stream()
                  .anyMatch(e -> String.valueOf(e.value()).contains("\"op\":\"t\""));
            });
        stock.events().stream()
            .filter(e -> !String.valueOf(e.value()).contains("\"op\":\"c\""))
            .forEach(e -> System.out.println(e.topic() + " " + e.key() + " " + e.value()));
        for (String table : List.of("typed", "typed_arrays")) {
          List<ConsumerRecord<byte[], byte[]>> ours = KeyedTopic.read(bridge, table, 4);
          for (int i = 0; i < TypedValues.ALL.size(); i++) {
            StringBuilder line = new StringBuilder();
            boolean differs = false;
            for (var record : ours) {
              JsonNode value = JSON.readTree(record.value());
              if (!value.get("op").asString().equals("c")) {
                continue;
              }
              String key = new String(record.key(), UTF_8);
              for (var event : stock.events()) {
                if (!event.topic().equals(record.topic())
                    || event.value() == null
                    || event.key() == null
                    || !JSON.readTree(event.key()).equals(JSON.readTree(key))
                    || !event.value().contains("\"op\":\"c\"")) continue;
                JsonNode theirs = JSON.readTree(event.value()).get("after").get("c" + i);
                JsonNode own = value.get("after").get("c" + i);
                if (theirs == null || !theirs.equals(own)) {
                  differs = true;
                  line.append("\n      ").append(own).append("  STOCK ").append(theirs);
                }
              }
            }
            System.out.println(
                (differs ? "DIFF " : "same ") + table + " " + TypedValues.ALL.get(i).type() + line);
          }
          for (var record : ours)
            if (record.key() == null || !new String(record.value(), UTF_8).contains("\"op\":\"c\""))
              System.out.println(
                  record.partition()
                      + " "
                      + (record.key() == null ? null : new String(record.key(), UTF_8))
                      + " "
                      + new String(record.value(), UTF_8).substring(0, 300)
                      + " ... "
                      + new String(record.value(), UTF_8).replaceAll(".*\"source\"", ""));
        }
      }
    }
  }
}
