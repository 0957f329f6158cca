package dev.penstock.shapes.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.penstock.shapes.shape.ShapeDefinition;
import dev.penstock.shapes.snapshot.Catalog;
import dev.penstock.stack.TestStack;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.scheduler.Schedulers;

/// What a live client sends with every poll is read once.
class DefinitionsTest {
  private static final Duration LONG_AGO = Duration.ofMinutes(5);

  private final HikariDataSource database = new HikariDataSource();
  private final MeterRegistry meters = new SimpleMeterRegistry();

  @BeforeEach
  void createTable() throws SQLException {
    database.setJdbcUrl(TestStack.newDatabase());
    database.setAutoCommit(false);
    database.setMaximumPoolSize(2);
    sql("create table notes (id bigint primary key, owner text, body text)");
    sql("alter table notes replica identity full");
    sql("create publication penstock for table notes");
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void theSameWordsAreOneDefinitionHoweverOftenTheTableIsLookedAt() {
    Definitions definitions = definitions(1 << 20);
    ShapeDefinition first = resolve(definitions, "owner = $1", "alice", null, LONG_AGO);

    assertThat(resolve(definitions, "owner = $1", "alice", null, Duration.ZERO)).isSameAs(first);
  }

  @Test
  void eachWordCounts() {
    Definitions definitions = definitions(1 << 20);
    ShapeDefinition first = resolve(definitions, "owner = $1", "alice", "id,owner", LONG_AGO);

    assertThat(resolve(definitions, "owner = $1", "bob", "id,owner", LONG_AGO).id())
        .isNotEqualTo(first.id());
    assertThat(resolve(definitions, "owner <> $1", "alice", "id,owner", LONG_AGO).id())
        .isNotEqualTo(first.id());
    assertThat(resolve(definitions, "owner = $1", "alice", "id,body", LONG_AGO).id())
        .isNotEqualTo(first.id());
  }

  @Test
  void theSameWordsOfAnAlteredTableAreAnotherDefinition() throws SQLException {
    Definitions definitions = definitions(1 << 20);
    ShapeDefinition before = resolve(definitions, "owner = $1", "alice", null, LONG_AGO);

    sql("alter table notes add column stars int");
    ShapeDefinition after = resolve(definitions, "owner = $1", "alice", null, Duration.ZERO);

    assertThat(after.id()).isNotEqualTo(before.id());
    assertThat(after.columns()).hasSize(4);
  }

  @Test
  void noMoreDefinitionsAreKeptThanFit() {
    Definitions definitions = definitions(6_000);

    for (int i = 0; i < 200; i++) {
      var _ = resolve(definitions, "owner = $1", "owner " + i, null, LONG_AGO);
    }

    assertThat(meters.get("cache.size").gauge().value()).isBetween(5.0, 12.0);
    assertThat(meters.get("cache.evictions").functionCounter().count()).isGreaterThan(180);
  }

  private Definitions definitions(long characters) {
    return new Definitions(
        new Catalog(database, "penstock", Schedulers.boundedElastic(), null), characters, meters);
  }

  private static ShapeDefinition resolve(
      Definitions definitions,
      String where,
      String parameter,
      @Nullable String columns,
      Duration age) {
    Map<String, String> words = new HashMap<>();
    words.put("table", "notes");
    words.put("offset", "-1");
    words.put("where", where);
    words.put("params[1]", parameter);
    if (columns != null) {
      words.put("columns", columns);
    }
    ShapeParameters parameters = ShapeParameters.of(words, new byte[0]);
    return definitions.resolve(parameters, age).blockOptional().orElseThrow().shape();
  }

  private void sql(String sql) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
      connection.commit();
    }
  }
}
