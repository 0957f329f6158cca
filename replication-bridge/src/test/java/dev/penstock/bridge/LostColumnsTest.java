package dev.penstock.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.contracts.Partitions;
import dev.penstock.contracts.Topics;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

/// Columns are renamed and tables dropped before the bridge has read what was written to them.
class LostColumnsTest {

  @Test
  void rowsKeepTheKeyThatTheirTransactionHad() throws Exception {
    List<String> ddl = new ArrayList<>();
    for (String table : List.of("renamed", "dropped", "fresh", "plain")) {
      ddl.add("create table " + table + " (id bigint primary key, body text not null)");
      ddl.add(
          "do $$ begin execute format('alter publication %I add table "
              + table
              + "', (select pubname from pg_publication)); end $$");
    }
    List.of("renamed", "dropped", "fresh")
        .forEach(table -> ddl.add("alter table " + table + " replica identity full"));
    try (TestBridge bridge = TestBridge.onSharedStack(ddl.toArray(String[]::new));
        Connection connection = bridge.connect()) {
      // Given: two of the tables are in the log, behind a claim that is not the last.
      bridge.startAndLead();
      for (String table : List.of("renamed", "dropped")) {
        bridge.transactionsUntil(
            Sql.commit(connection, "insert into " + table + " values (1, 'a')"));
      }
      bridge.stop();
      bridge.startAndLead();
      bridge.stop();

      // When
      for (String table : List.of("renamed", "dropped", "fresh", "plain")) {
        Sql.commit(connection, "insert into " + table + " values (2, 'b')");
      }
      Sql.run(connection, "alter table renamed rename column id to other");
      Sql.run(connection, "alter table fresh rename column id to other");
      Sql.run(connection, "drop table dropped, plain");
      bridge.startAndLead();

      // Then
      assertThat(last(bridge, "renamed", 2)).isEqualTo(partition("2") + " {\"id\":2}");
      assertThat(last(bridge, "dropped", 2)).isEqualTo(partition("2") + " {\"id\":2}");
      assertThat(last(bridge, "fresh", 1)).isEqualTo(partition("2") + " {\"id\":2}");
      assertThat(last(bridge, "plain", 1)).isEqualTo(partition("2") + " {\"id\":2}");
    }
  }

  private static String last(TestBridge bridge, String table, int count) {
    List<ConsumerRecord<byte[], byte[]>> records = KeyedTopic.read(bridge, table, count);
    assertThat(records).hasSize(count);
    return records.stream()
        .filter(record -> new String(record.value(), UTF_8).contains("\"body\":\"b\""))
        .map(record ->
            record.partition()
                + " "
                + (record.key() == null ? "no key" : new String(record.key(), UTF_8)))
        .reduce((_, _) -> "more than one")
        .orElse("none");
  }

  private static int partition(String text) {
    return Partitions.of(text, Topics.KEYED_PARTITIONS);
  }
}
