package dev.penstock.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

class StoreTest {
  private static final UUID A = new UUID(1, 1);
  private static final UUID B = new UUID(2, 2);
  private final Records records = new Records();

  @TempDir private Path directory;
  private Store store;

  @BeforeEach
  void open() {
    store = Store.open(directory.resolve("a.duckdb"), DataSize.ofMegabytes(64), 2);
  }

  @AfterEach
  void close() throws Exception {
    store.close();
  }

  @SafeVarargs
  @SuppressWarnings("varargs") // It is only read.
  private void apply(ConsumerRecord<byte[], byte[]>... batch) throws Exception {
    store.apply(Records.TOPIC, Batch.of(List.of(batch)));
  }

  /// Each as `id last digit:characters`.
  private List<String> rows() throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection reader = store.reader();
        Statement sql = reader.createStatement();
        ResultSet row = sql.executeQuery("select id, characters from messages order by id")) {
      while (row.next()) {
        String id = row.getObject(1).toString();
        rows.add(id.charAt(id.length() - 1) + ":" + row.getObject(2));
      }
    }
    return rows;
  }

  @Test
  void theLastWordOnARowStays() throws Exception {
    apply(
        records.put(0, "c", A, ",\"content\":\"a\"", 1),
        records.put(0, "u", A, ",\"content\":\"aa\"", 2),
        records.put(0, "c", B, ",\"content\":\"b\"", 3),
        records.delete(0, B, 4));
    assertThat(rows()).containsExactly("1:2");
    apply(
        records.delete(0, A, 5),
        records.record(0, A, null, 5),
        records.put(0, "c", B, ",\"content\":\"bbb\"", 6));
    assertThat(rows()).containsExactly("2:3");
  }

  @Test
  void aTextThatIsLeftOutStaysAsItWas() throws Exception {
    apply(records.put(0, "c", A, ",\"content\":\"abc\"", 1), records.put(0, "u", A, "", 2));
    assertThat(rows()).containsExactly("1:3");
    apply(records.put(0, "u", A, "", 3));
    assertThat(rows()).containsExactly("1:3");
  }

  @Test
  void aTruncateEmptiesItsPartitionAndWhatFollowsItStays() throws Exception {
    apply(
        records.put(0, "c", A, ",\"content\":\"a\"", 1),
        records.put(1, "c", B, ",\"content\":\"b\"", 1));
    apply(records.truncate(0, 2), records.put(0, "c", A, ",\"content\":\"aaaa\"", 3));
    assertThat(rows()).containsExactly("1:4", "2:1");
    apply(records.truncate(0, 4), records.truncate(1, 4));
    assertThat(rows()).isEmpty();
  }

  @Test
  void aRestoredDatabaseWhoseLsnsAreLowerIsFollowed() throws Exception {
    apply(records.put(0, "c", A, ",\"content\":\"a\"", 1_000_000));
    apply(
        records.put(0, "r", A, ",\"content\":\"aa\"", 500),
        records.put(0, "c", B, ",\"content\":\"b\"", 501));
    assertThat(rows()).containsExactly("1:2", "2:1");
  }

  @Test
  void theOffsetsAreThoseOfTheRows() throws Exception {
    apply(
        records.put(0, "c", A, ",\"content\":\"a\"", 1),
        records.put(3, "c", B, ",\"content\":\"b\"", 2));
    assertThat(store.positions(Records.TOPIC)).isEqualTo(Map.of(0, 1L, 3, 1L));
    assertThat(store.positions("another")).isEmpty();
  }

  @Test
  void aBatchThatSomebodyElseHasStoredIsRefusedWhole() throws Exception {
    Batch batch = Batch.of(List.of(records.put(0, "c", A, ",\"content\":\"a\"", 1)));
    store.apply(Records.TOPIC, batch);
    Batch late =
        Batch.of(
            List.of(
                new Records().put(0, "c", B, ",\"content\":\"b\"", 1),
                records.put(1, "c", B, ",\"content\":\"b\"", 1)));
    assertThatThrownBy(() -> store.apply(Records.TOPIC, late))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("already beyond");
    assertThat(rows()).containsExactly("1:1");
    assertThat(store.positions(Records.TOPIC)).isEqualTo(Map.of(0, 1L));
  }

  @Test
  void unreadableRecordsAreKeptAsideUpToTheirBoundAndOneMoreChangesNothing() throws Exception {
    apply(
        records.record(0, A, "nonsense", 1),
        records.put(0, "c", A, ",\"content\":\"a\"", 2),
        records.record(0, B, "{}", 3));
    assertThat(rows()).containsExactly("1:1");
    ReportQuery query = ReportQuery.parse(null, java.time.Instant.now());
    assertThat(new Reports(store).report(query).quarantined()).isEqualTo(2);
    assertThatThrownBy(() ->
            apply(records.put(0, "c", B, ",\"content\":\"b\"", 4), records.record(0, B, "{}", 5)))
        .isInstanceOf(QuarantineFullException.class)
        .hasMessageContaining("offset 4 of partition 0");
    assertThat(rows()).containsExactly("1:1");
    assertThat(store.positions(Records.TOPIC)).isEqualTo(Map.of(0, 3L));
  }

  @Test
  void theFileIsOfOneProcessAndSurvivesAReopening() throws Exception {
    apply(records.put(0, "c", A, ",\"content\":\"a\"", 1));
    store.close();
    open();
    assertThat(rows()).containsExactly("1:1");
    assertThat(store.positions(Records.TOPIC)).isEqualTo(Map.of(0, 1L));
  }
}
