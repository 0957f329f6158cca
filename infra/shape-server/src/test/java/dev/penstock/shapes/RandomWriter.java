package dev.penstock.shapes;

import static dev.penstock.shapes.RandomShape.pick;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Writes generated transactions.
final class RandomWriter {
  /// What may happen where two writers meet: deadlock, serialisation, a key that is taken.
  private static final Set<String> RETRIED = Set.of("40P01", "40001", "23505");

  private final String jdbcUrl;
  private final Map<RandomTable, AtomicInteger> truncated = new ConcurrentHashMap<>();
  private final AtomicInteger tokens = new AtomicInteger();

  RandomWriter(String jdbcUrl) {
    this.jdbcUrl = jdbcUrl;
  }

  /// How often the table was truncated, or was about to be.
  int truncated(RandomTable table) {
    return truncated.computeIfAbsent(table, _ -> new AtomicInteger()).get();
  }

  void write(Random random, int transactions) {
    try (Connection connection = DriverManager.getConnection(jdbcUrl);
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      for (int i = 0; i < transactions; i++) {
        try {
          transaction(random, connection, statement);
          if (random.nextInt(8) == 0) {
            connection.rollback();
          } else {
            connection.commit();
          }
        } catch (SQLException e) {
          if (!RETRIED.contains(String.valueOf(e.getSQLState()))) {
            throw e;
          }
          connection.rollback();
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private void transaction(Random random, Connection connection, Statement statement)
      throws SQLException {
    if (random.nextInt(70) == 0) {
      RandomTable table = RandomTable.any(random);
      truncated.computeIfAbsent(table, _ -> new AtomicInteger()).incrementAndGet();
      statement.execute("truncate " + table.name());
    }
    for (int changes = 1 + random.nextInt(5); changes > 0; changes--) {
      Savepoint savepoint = random.nextInt(6) == 0 ? connection.setSavepoint() : null;
      statement.execute(
          switch (random.nextInt(5)) {
            case 0 -> pair(random);
            case 1 -> loose(random);
            default -> item(random);
          });
      if (savepoint != null && random.nextBoolean()) {
        connection.rollback(savepoint);
      }
    }
  }

  private static String item(Random random) {
    int id = random.nextInt(60);
    return switch (random.nextInt(40)) {
      case 0, 1, 2, 3 -> "delete from items where id = " + id;
      case 4, 5, 6 -> move("items", "id", id, "");
      case 7 -> "delete from items where n > 40 or id >= 1000";
      case 8, 9 -> "update items set n = n + 1, flag = not flag where kind = 'a' and id < 1000";
      case 10, 11 -> "update items set n = n where id = " + id;
      // Larger than a chunk.
      case 12 ->
          "insert into items select 1000 + i, 'a', i % 50, true, repeat('x', 100) from"
              + " generate_series(1, %d) i on conflict do nothing".formatted(random.nextInt(400));
      case 13 -> "update items set name = 'x7' where id >= 1000";
      default ->
          ("insert into items values (%d, %s, %s, %s, %s, %s, %s, %s, %s) on conflict (id) do"
                  + " update set (kind, n, flag, name, at, price, uid, tags) = row(excluded.kind,"
                  + " excluded.n, excluded.flag, excluded.name, excluded.at, excluded.price,"
                  + " excluded.uid, excluded.tags)")
              .formatted(
                  id,
                  orNull(random, pick(random, "'a'", "'b'", "'c'")),
                  orNull(random, Integer.toString(random.nextInt(50))),
                  orNull(random, Boolean.toString(random.nextBoolean())),
                  orNull(
                      random, pick(random, "'x1'", "'x7'", "'Xy'", "'yy'", "''", "E'q\"\\\\\\n'")),
                  orNull(
                      random, pick(random, "'2026-01-01 00:00+00'", "'2026-01-09 12:00:00.5+02'")),
                  orNull(random, pick(random, "1.5", "20", "0.1", "-7.25")),
                  orNull(random, "'00000000-0000-0000-0000-00000000000" + random.nextInt(4) + "'"),
                  orNull(random, pick(random, "'{}'", "'{a,NULL,\"b c\"}'")));
    };
  }

  private static String pair(Random random) {
    int a = random.nextInt(10);
    String b = pick(random, "p", "q/r", "");
    return switch (random.nextInt(6)) {
      case 0 -> "delete from pairs where a = %d and b = '%s'".formatted(a, b);
      case 1 -> move("pairs", "a", a, " and b = '" + b + "'");
      case 2 -> "update pairs set n = (n + 7) % 50 where b = 'p'";
      default ->
          "insert into pairs values (%d, '%s', %s, %s) on conflict (b, a) do update set (v, n) = row(excluded.v, excluded.n)"
              .formatted(
                  a,
                  b,
                  orNull(random, pick(random, "'x1'", "'yy'", "'Y'")),
                  orNull(random, Integer.toString(random.nextInt(50))));
    };
  }

  private String loose(Random random) {
    return switch (random.nextInt(5)) {
      case 0 -> "delete from loose where x = " + random.nextInt(20);
      case 1 -> "update loose set x = x + 1 where x between 5 and 8";
      case 2 -> "update loose set y = 'yy' where x = " + random.nextInt(20);
      // Unlike each other, or they would have one key.
      default ->
          "insert into loose values (%d, %s, '%d')"
              .formatted(
                  random.nextInt(50),
                  orNull(random, pick(random, "'x1'", "'yy'", "'/'")),
                  tokens.incrementAndGet());
    };
  }

  private static String move(String table, String column, int from, String and) {
    return "update %1$s m set %2$s = %3$d where %2$s = %4$d%5$s and not exists (select from %1$s o where o.%2$s = %3$d%6$s)"
        .formatted(table, column, from + 100, from, and, and.isEmpty() ? "" : " and o.b = m.b");
  }

  private static String orNull(Random random, String value) {
    return random.nextInt(8) == 0 ? "null" : value;
  }
}
