package dev.penstock.bridge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.bridge.StockDebezium.Event;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Compares the keyed topics with what Debezium itself makes of the same changes.
class DebeziumCompatibilityTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static final String UNKNOWN =
      "unknown to Debezium, which leaves the column out, or has the text's bytes: here the text";

  /// Every difference of a value, and why it is one.
  private static final Map<String, String> DIFFERENT = new TreeMap<>();

  static {
    DIFFERENT.put("numeric", "Postgres' NaN and Infinity; Debezium says NAN, POSITIVE_INFINITY");
    DIFFERENT.put("numeric(10,2)", "as numeric");
    DIFFERENT.put("numeric(5,-2)", "Debezium takes a negative scale for one of 2046 digits");
    DIFFERENT.put("date", "infinity is its word; Debezium's number is that of a day");
    DIFFERENT.put("time", "in arrays, Debezium ends the day at 0 and cuts microseconds");
    DIFFERENT.put("timetz", "24:00 beyond UTC's day is its text; Debezium gives the row up");
    DIFFERENT.put("timestamp", "beyond 64 bits of microseconds its text; Debezium's overflows");
    DIFFERENT.put("timestamptz", "in arrays, Debezium's -infinity and years BC are other times");
    DIFFERENT.put("interval", "ISO 8601; Debezium's microseconds are of an average month");
    DIFFERENT.put("posint", "the log says a domain's name, not its base: here the text");
    DIFFERENT.put("int2vector", "its text; Debezium's is always empty");
    DIFFERENT.put("oidvector", "as int2vector");
    for (String type :
        List.of(
            "jsonpath line lseg box path polygon circle tsquery int4multirange int8multirange",
            "nummultirange datemultirange tsmultirange tstzmultirange xid xid8 cid tid pg_lsn",
            "pg_snapshot txid_snapshot refcursor aclitem regclass regtype regproc regprocedure",
            "regoper regoperator regrole regnamespace regcollation regconfig regdictionary pair",
            "nested floats floats_multirange")) {
      for (String name : type.split(" ", -1)) {
        DIFFERENT.put(name, UNKNOWN);
      }
    }
  }

  private static TestBridge bridge;
  private static final Map<String, List<Event>> STOCK = new HashMap<>();
  private static final Map<String, List<Event>> OURS = new HashMap<>();

  @BeforeAll
  static void run() throws Exception {
    List<String> ddl = new ArrayList<>(TypedValues.tables());
    ddl.addAll(List.of(TestBridge.fact()));
    ddl.add("create table marker (id int primary key)");
    bridge = TestBridge.onSharedStack(ddl.toArray(String[]::new));
    bridge.setting("penstock.bridge.tombstones", "true");
    try (Connection connection = bridge.connect()) {
      Sql.run(
          connection,
          "alter publication " + bridge.name + " add table typed, typed_arrays, marker");
      try (StockDebezium stock = new StockDebezium(bridge)) {
        bridge.startAndLead();
        for (String table : List.of("typed", "typed_arrays")) {
          Sql.commit(
              connection, TypedValues.separateInserts(table).values().toArray(String[]::new));
        }
        Sql.commit(connection, "insert into fact values (1, 'p', 'a'), (2, 'q', null)");
        Sql.commit(connection, "update fact set body = 'b' where id = 1");
        Sql.commit(connection, "update fact set id = 3 where id = 1");
        Sql.commit(connection, "delete from fact where id = 3");
        Sql.commit(connection, "truncate fact");
        Sql.commit(connection, "insert into marker values (1)");

        await()
            .atMost(Duration.ofMinutes(2))
            .until(() -> stock.events().stream().anyMatch(e -> e.topic().endsWith(".marker")));
        collect(STOCK, stock.events());
      }
      assertThat(KeyedTopic.read(bridge, "marker", 1)).hasSize(1);
      for (String table : List.of("typed", "typed_arrays", "fact")) {
        collect(
            OURS,
            KeyedTopic.read(bridge, table, 1).stream()
                .map(r -> new Event(r.topic(), text(r.key()), text(r.value())))
                .toList());
      }
    }
  }

  @AfterAll
  static void stop() {
    bridge.close();
  }

  @Test
  void valuesOfEveryTypeAreDebeziumsButForTheDeclared() {
    SoftAssertions softly = new SoftAssertions();
    Set<String> differing = new TreeSet<>();
    for (String table : List.of("typed", "typed_arrays")) {
      TypedValues.separateInserts(table)
          .forEach((id, insert) -> {
            int column = Integer.parseInt(insert.replaceAll("(?s).*?\\(id, c(\\d+)\\).*", "$1"));
            String type = TypedValues.ALL.get(column).type();
            JsonNode own = after(OURS, table, id, column);
            JsonNode theirs = after(STOCK, table, id, column);
            if (!own.equals(theirs)) {
              differing.add(type);
              softly
                  .assertThat(DIFFERENT.containsKey(type) || lost(own, theirs))
                  .as("%s of %s: %s, by Debezium %s", type, table, own, theirs)
                  .isTrue();
            }
          });
    }
    softly.assertThat(differing).containsAll(DIFFERENT.keySet());
    softly.assertAll();
  }

  /// Debezium has of an array of a type that it does not know nothing, and of one of several
  /// dimensions nulls or the names of Java's objects.
  private static boolean lost(JsonNode own, JsonNode theirs) {
    boolean nested = own.isArray() && own.path(0).isArray();
    return own.isArray() && (theirs.isNull() || theirs.isMissingNode() || nested);
  }

  @Test
  void recordsOfEveryOperationAreDebeziums() {
    Map<String, List<String>> own = operations(OURS);
    assertThat(own).isEqualTo(operations(STOCK));
    assertThat(own.get("{\"id\":1}")).hasSize(4);
  }

  private static Map<String, List<String>> operations(Map<String, List<Event>> all) {
    Map<String, List<String>> operations = new TreeMap<>();
    all.forEach((key, events) -> {
      for (Event event : events) {
        if (event.topic().endsWith(".fact")) {
          operations
              .computeIfAbsent(String.valueOf(event.key()), _ -> new ArrayList<>())
              .add(what(event));
        }
      }
    });
    return operations;
  }

  private static String what(Event event) {
    if (event.value() == null) {
      return "tombstone";
    }
    JsonNode value = JSON.readTree(event.value());
    StringBuilder what = new StringBuilder();
    for (String field : List.of("op", "before", "after", "transaction")) {
      what.append(field).append('=').append(value.get(field)).append(' ');
    }
    for (String field :
        List.of(
            "version",
            "connector",
            "name",
            "snapshot",
            "db",
            "schema",
            "table",
            "txId",
            "ts_ms",
            "ts_us",
            "ts_ns",
            "xmin")) {
      what.append(field).append('=').append(value.at("/source/" + field)).append(' ');
    }
    return what.toString();
  }

  private static JsonNode after(Map<String, List<Event>> all, String table, int id, int column) {
    String key = table + "{\"id\":" + id + "}";
    for (Event event : all.getOrDefault(key, List.of())) {
      if (event.value() != null) {
        return JSON.readTree(event.value()).path("after").path("c" + column);
      }
    }
    return JSON.readTree("\"(no record)\"");
  }

  private static void collect(Map<String, List<Event>> all, List<Event> events) {
    for (Event event : events) {
      String table = event.topic().substring(event.topic().lastIndexOf('.') + 1);
      List<Event> known = all.computeIfAbsent(table + event.key(), _ -> new ArrayList<>());
      // Debezium says everything again when its connection was cut, and the bridge says a
      // truncation
      // to every partition.
      boolean again = event.value() != null && known.stream().anyMatch(k -> same(k, event));
      if (!again && (event.value() != null || known.getLast().value() != null)) {
        known.add(event);
      }
    }
  }

  private static boolean same(Event one, Event other) {
    return one.value() != null && what(one).equals(what(other));
  }

  private static @Nullable String text(byte @Nullable [] bytes) {
    return bytes == null ? null : new String(bytes, UTF_8);
  }
}
