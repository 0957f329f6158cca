package dev.penstock.analytics;

import dev.penstock.bridge.BridgeApplication;
import dev.penstock.contracts.Migrations;
import dev.penstock.contracts.Partitions;
import dev.penstock.contracts.Topics;
import dev.penstock.stack.TestStack;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.springframework.context.ConfigurableApplicationContext;

/// A Postgres with messages, and the bridge that brings their changes into the topic.
final class Source implements AutoCloseable {
  private static final int CHUNK = 1_000;

  final Topics topics;
  final Connection postgres;
  private final String name;
  private final ConfigurableApplicationContext bridge;

  Source() throws SQLException {
    String url = TestStack.newDatabase();
    topics = new Topics(TestStack.newTopicPrefix().replaceFirst("\\.$", ""));
    name = topics.prefix().replace('-', '_');
    new Migrations(url, "postgres", "", name, name).migrate();
    postgres = DriverManager.getConnection(url, "postgres", "");
    Map<String, Object> properties = new HashMap<>();
    properties.put("penstock.bridge.database-url", url);
    properties.put("penstock.bridge.kafka-bootstrap-servers", TestStack.bootstrapServers());
    properties.put("penstock.bridge.topic-prefix", topics.prefix());
    properties.put("penstock.bridge.slot", name);
    properties.put("penstock.bridge.publication", name);
    bridge = BridgeApplication.start(properties);
  }

  /// Questions with their answers, which are still to be written: one record of each row, so that
  /// nothing that comes later can hide one that was left out.
  void write(int messages) throws SQLException {
    sql(
        "insert into conversations select md5('c' || i)::uuid, 'alice', 'x', now() from generate_series(0, 39) i");
    for (int from = 0; from < messages / 2; from += CHUNK) {
      int to = Math.min(from + CHUNK, messages / 2) - 1;
      sql(
          """
          insert into messages
          select md5(kind || i)::uuid, md5('c' || i %% 40)::uuid, role, status, content, null,
            case kind when 'a' then md5('q' || i)::uuid end, asked + lateness, asked + lateness
          from generate_series(%d, %d) i,
            lateral (select timestamptz '2026-03-29 00:30:00.123456Z'
              + make_interval(secs => i * 7919 %% 7200)) t(asked),
            (values ('q', 'user', 'completed', 'wh\u00e4t \u20ac?', interval '0'),
              ('a', 'assistant', 'pending', '', interval '1 ms'))
              k(kind, role, status, content, lateness)
          order by kind desc\
          """
              .formatted(from, to));
    }
  }

  /// Answers as they grow and end, most completed, some failed, cancelled or deleted; `updated_at`
  /// is another each time this is called.
  void finish(int from, int to) throws SQLException {
    String range = "select md5('a' || i)::uuid from generate_series(%d, %d) i ".formatted(from, to);
    sql(
        "update messages set status = 'generating', content = repeat('ab', 50) where id in (%s)"
            .formatted(range));
    sql(
        """
        update messages set status = 'completed', content = repeat('\u00e4', (random() * 400)::int),
          updated_at = created_at + random() * interval '20 s'
        where id in (%s where i %% 10 < 7)\
        """
            .formatted(range));
    sql(
        "update messages set status = 'failed', error = 'broken' where id in (%s where i %% 10 = 7)"
            .formatted(range));
    sql(
        "update messages set status = 'cancelled', error = null where id in (%s where i %% 10 = 8)"
            .formatted(range));
    sql("delete from messages where id in (%s where i %% 50 = 9)".formatted(range));
  }

  /// A transaction with a row in every partition; who has them all has everything before it.
  ///
  /// @return an LSN that lies before its commit and behind all earlier ones
  long fence() throws SQLException {
    postgres.setAutoCommit(false);
    for (int partition = 0; partition < Topics.KEYED_PARTITIONS; partition++) {
      UUID conversation;
      do {
        conversation = UUID.randomUUID();
      } while (Partitions.of(conversation.toString(), Topics.KEYED_PARTITIONS) != partition);
      sql(
          "insert into conversations values ('%s', 'fence', 'fence', now())"
              .formatted(conversation));
      sql(
          "insert into messages values (gen_random_uuid(), '%s', 'user', 'completed', 'fence', null, null, now(), now())"
              .formatted(conversation));
    }
    long lsn;
    try (Statement statement = postgres.createStatement();
        ResultSet row =
            statement.executeQuery("select pg_current_wal_insert_lsn() - '0/0'::pg_lsn")) {
      row.next();
      lsn = row.getLong(1);
    }
    postgres.commit();
    postgres.setAutoCommit(true);
    return lsn;
  }

  void sql(String sql) throws SQLException {
    try (Statement statement = postgres.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() throws SQLException {
    bridge.close();
    sql(
        "select pg_drop_replication_slot(slot_name) from pg_replication_slots where not active and slot_name = '%s'"
            .formatted(name));
    postgres.close();
  }
}
