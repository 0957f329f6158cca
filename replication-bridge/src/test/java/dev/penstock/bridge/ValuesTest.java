package dev.penstock.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.contracts.log.LogEntry;
import dev.penstock.contracts.log.Relation.Column;
import dev.penstock.contracts.log.Tuple;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.TimeZone;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The server's defaults in these tests are hostile to all of this, and so is the writer's session.
class ValuesTest {
  private static final TimeZone ZONE = TimeZone.getDefault();

  private static TestBridge bridge;

  @BeforeAll
  static void start() throws Exception {
    // pgjdbc brings the JVM's zone into every session.
    TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Kiritimati"));
    bridge = TestBridge.onSharedStack(TypedValues.tables().toArray(String[]::new));
    try (Connection connection = bridge.connect()) {
      Sql.run(connection, "alter publication " + bridge.name + " add table typed, typed_arrays");
    }
    bridge.startAndLead();
  }

  @AfterAll
  static void stop() {
    bridge.close();
    TimeZone.setDefault(ZONE);
  }

  @Test
  void theLogHoldsPostgresOwnTextOfEveryType() throws Exception {
    try (Connection writer = bridge.connect();
        Connection connection = bridge.connect()) {
      // When
      Sql.run(writer, TypedValues.HOSTILE);
      long txid = Sql.commit(writer, TypedValues.inserts().toArray(String[]::new));

      // Then
      Sql.run(connection, TypedValues.FORMS);
      List<LogEntry> entries = Changes.entries(bridge.transactionsUntil(txid), txid);
      SoftAssertions softly = new SoftAssertions();
      for (String table : List.of("typed", "typed_arrays")) {
        List<List<@Nullable String>> expected = TypedValues.texts(connection, table);
        assertThat(expected.getLast()).containsOnlyNulls();
        List<List<@Nullable String>> logged = rows(entries, table);
        assertThat(logged).hasSameSizeAs(expected);
        List<Column> columns = relation(entries, table);
        List<List<@Nullable String>> casts = TypedValues.casts(connection, table);
        for (int i = 0; i < TypedValues.ALL.size(); i++) {
          String type = TypedValues.ALL.get(i).type();
          softly.assertThat(column(logged, i)).as(type).isEqualTo(column(expected, i));
          if (table.equals("typed_arrays") || !TypedValues.OTHERWISE_CAST.contains(type)) {
            softly.assertThat(column(casts, i)).as(type).isEqualTo(column(expected, i));
          }
          assertThat(columns.get(i + 1).type()).isNotEqualTo("unknown");
          assertThat(columns.get(i + 1).dimensions() > 0)
              .as(type)
              .isEqualTo(table.equals("typed_arrays"));
        }
      }
      softly.assertAll();
    }
  }

  @Test
  void everyTypeThatAColumnCanHaveIsAmongThem() throws Exception {
    try (Connection connection = bridge.connect()) {
      String missing =
          Sql.text(
              connection,
              """
              select string_agg(typname, ' ' order by typname) from pg_type t
              where typnamespace = 'pg_catalog'::regnamespace and typtype in ('b', 'r', 'm')
                and typcategory <> 'A'
                and not exists (select from pg_attribute a
                  where a.attrelid = 'typed'::regclass and a.atttypid = t.oid)\
              """);
      assertThat(missing.split(" ", -1)).containsExactlyElementsOf(TypedValues.WITHOUT_INPUT);
    }
  }

  @Test
  void aNullByteIsRefusedByPostgresItself() throws Exception {
    try (Connection connection = bridge.connect()) {
      for (String value : List.of("E'a\\u0000'", "'\"\\u0000\"'::jsonb", "chr(0)")) {
        assertThatThrownBy(() -> Sql.text(connection, "select " + value))
            .isInstanceOf(SQLException.class);
      }
    }
  }

  private static List<List<@Nullable String>> rows(List<LogEntry> entries, String table) {
    List<List<@Nullable String>> rows = new ArrayList<>();
    for (LogEntry entry : entries) {
      if (entry instanceof LogEntry.Insert(var relation, Tuple row)
          && relation.table().equals(table)) {
        List<@Nullable String> values = new ArrayList<>();
        for (int i = 1; i < row.size(); i++) {
          values.add(row.text(i));
        }
        rows.add(values);
      }
    }
    return rows;
  }

  private static List<Column> relation(List<LogEntry> entries, String table) {
    for (LogEntry entry : entries) {
      if (entry instanceof LogEntry.Insert insert && insert.relation().table().equals(table)) {
        return insert.relation().columns();
      }
    }
    throw new AssertionError("no row of " + table);
  }

  private static List<@Nullable String> column(List<List<@Nullable String>> rows, int column) {
    List<@Nullable String> values = new ArrayList<>();
    rows.forEach(row -> values.add(row.get(column)));
    return values;
  }
}
