package dev.penstock.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.contracts.log.LogEntry;
import dev.penstock.contracts.log.Relation;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The server's defaults in these tests are hostile to all of this.
class ValuesTest {
  private static final List<String> COLUMNS =
      List.of(
          "boolean 'true'",
          "smallint '-7'",
          "bigint '9223372036854775807'",
          "real '1.1'",
          "double precision '0.1234567890123456789'",
          "double precision 'NaN'",
          "numeric '123456789012345678901234567890.0001'",
          "numeric 'Infinity'",
          "uuid 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'",
          "text 'naïve \"quoted\" \\ ☃'",
          "char(5) 'ab'",
          "bytea '\\x00ff41'",
          "date '2026-11-22'",
          "date 'infinity'",
          "timestamp '2026-11-22 08:16:34.12'",
          "timestamptz '2026-11-22 08:16:34.123456+05:30'",
          "timestamptz '-infinity'",
          "timestamptz '0044-03-15 12:00:00+00 BC'",
          "time '08:16:34.5'",
          "timetz '08:16:34.5+02'",
          "interval '1 year 2 days 3 hours 0.5 seconds'",
          "json '{\"a\": 1,  \"b\":[]}'",
          "jsonb '{\"a\": 1,  \"b\":[]}'",
          "text[] '{a,\"b c\",NULL,\"d\\\"e\"}'",
          "timestamptz[] '{2026-11-22 08:16:34+00}'",
          "bytea[] '{\"\\\\x00ff\"}'",
          "int4range '[1,5)'",
          "tstzrange '[2026-11-22 08:16:34+00,)'",
          "bit(3) '101'",
          "bit varying '10'",
          "inet '10.0.0.1/8'",
          "macaddr '08:00:2b:01:02:03'",
          "point '(1.5,2)'",
          "xml '<a/>'",
          "tsvector 'a b'",
          "money '12.34'");

  @Test
  void theLogHoldsPostgresOwnText() throws Exception {
    StringBuilder table = new StringBuilder("create table every (id int primary key");
    StringBuilder insert = new StringBuilder("insert into every values (1");
    StringBuilder texts = new StringBuilder("select array[id::text");
    for (int i = 0; i < COLUMNS.size(); i++) {
      int quote = COLUMNS.get(i).indexOf('\'');
      table.append(", c").append(i).append(' ').append(COLUMNS.get(i), 0, quote);
      insert.append(", ").append(COLUMNS.get(i).substring(quote));
      // Not a cast: that says true instead of t, and strips the padding of char(n).
      texts.append(", concat(c").append(i).append(')');
    }
    try (TestBridge bridge =
            TestBridge.onSharedStack(
                table.append(')').toString(), "alter table every replica identity full");
        Connection connection = bridge.connect()) {
      Sql.run(connection, "alter publication " + bridge.name + " add table every");
      bridge.startAndLead();

      // When
      long txid = Sql.commit(connection, insert.append(')').toString());

      // Then
      Sql.run(
          connection,
          "set bytea_output = 'hex'; set DateStyle = 'ISO, DMY'; set TimeZone = 'UTC';"
              + " set extra_float_digits = 1; set IntervalStyle = 'iso_8601'");
      LogEntry.Insert row =
          (LogEntry.Insert) Changes.entries(bridge.transactionsUntil(txid), txid).getFirst();
      List<String> logged = new ArrayList<>();
      for (int i = 0; i < row.row().size(); i++) {
        logged.add(row.row().text(i));
      }
      try (var statement = connection.createStatement();
          var expected = statement.executeQuery(texts.append("] from every").toString())) {
        expected.next();
        assertThat(logged).containsExactly((String[]) expected.getArray(1).getArray());
      }
      assertThat(row.relation().columns().stream().map(Relation.Column::type))
          .contains("timestamptz", "numeric", "xml", "int4range");
    }
  }
}
