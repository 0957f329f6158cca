package dev.penstock.gateway;

import dev.penstock.gateway.AttackWorld.Held;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/// A right token, and a subset that is more than a filter: SQL that leaves its parentheses, asks
/// other tables, or makes an error say what it must not.
final class SubsetAttacks {
  private final AttackWorld world;
  private final Random random;

  SubsetAttacks(AttackWorld world, Random random) {
    this.world = world;
    this.random = random;
  }

  Attack get() {
    Held held = held();
    StringBuilder query = new StringBuilder("offset=-1&log=changes_only");
    add(query, "subset__where", where());
    if (random.nextInt(3) == 0) {
      add(query, "subset__order_by", orderBy());
    }
    if (random.nextInt(3) == 0) {
      add(query, "subset__limit", number());
    }
    if (random.nextInt(4) == 0) {
      add(query, "subset__offset", number());
    }
    if (random.nextInt(4) == 0) {
      add(query, "subset__params", params());
    }
    return new Attack(
        "subset by GET",
        "GET /shape?%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer %s\r\n\r\n"
            .formatted(query, held.token()),
        held.covered(),
        1);
  }

  Attack post() {
    Held held = held();
    String fields = "\"where\":" + text(where());
    if (random.nextInt(3) == 0) {
      fields += ",\"order_by\":" + text(orderBy());
    }
    if (random.nextInt(3) == 0) {
      fields += ",\"limit\":" + (random.nextBoolean() ? "3" : text(number()));
    }
    if (random.nextInt(4) == 0) {
      fields += ",\"params\":" + params();
    }
    byte[] body =
        (random.nextBoolean() ? "{%s}" : "{\"subset\":{%s}}")
            .formatted(fields)
            .getBytes(StandardCharsets.UTF_8);
    return new Attack(
        "subset by POST",
        "POST /shape?offset=-1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(held.token(), body.length, new String(body, StandardCharsets.ISO_8859_1)),
        held.covered(),
        1);
  }

  private String where() {
    String hidden = world.tenants().hidden;
    String victim = world.victims();
    String all = "select string_agg(content, ',') from messages";
    if (random.nextInt(4) == 0) {
      // What a parser may let pass.
      return pick(
          "true or true",
          "conversation_id = '" + victim + "' or owner = 'bob' or true",
          "content::int = 1",
          "title::int = 1 or true",
          "(content || 'x')::uuid = id",
          hidden + "::int = 1",
          "\"" + hidden + "\" like 'cnry%'",
          "lower(" + hidden + ") is not null",
          "messages." + hidden + "::int = 1",
          "messages::text::int = 1",
          "messages.row_to_json::text::int = 1",
          "id is distinct from '" + victim + "'",
          "not (id = '" + victim + "')",
          "coalesce(content, 'x') <> '' or true",
          "content = any('{x}') or true");
    }
    return pick(
        "true) or (true",
        "true)or(true",
        "true\n)\nor\n(true",
        "true) or true --",
        "true) or true /*",
        "true */ or true",
        "true) union select * from messages where (true",
        "true) union all table messages order by (1",
        "true); select * from messages where (true",
        "true; table commands",
        "(" + all + ") is not null",
        "(" + all + ")::int = 1",
        "cast((" + all + ") as int) = 1",
        "exists(select 1 from commands where owner like 'cnry%')",
        "id in (select id from messages)",
        "id = any(array(select id from messages))",
        "(table commands) is not null",
        "(values (1)) = 1",
        "content::int = 1",
        "cast(content as uuid) = id",
        "title::int = 1",
        "1/(length(id::text)-36) = 1",
        hidden + " is not null",
        "\"" + hidden + "\" like 'cnry%'",
        hidden + "::int = 1",
        "messages." + hidden + "::int = 1",
        "messages::text::int = 1",
        "(messages.*)::text::int = 1",
        "row_to_json(messages)::text::int = 1",
        "messages.row_to_json::text::int = 1",
        "query_to_xml('" + all + "',true,true,'')::text::int = 1",
        "pg_catalog.query_to_xml('table commands',true,true,'')::text::int = 1",
        "\"query_to_xml\"('table commands',true,true,'')::text::int = 1",
        "query_to_xml/**/('table commands',true,true,'')::text::int = 1",
        "table_to_xml('messages',true,true,'')::text::int = 1",
        "database_to_xml(true,true,'')::text::int = 1",
        "pg_read_file('/etc/passwd')::int = 1",
        "current_setting('data_directory')::int = 1",
        "current_user::int = 1",
        "version()::int = 1",
        "pg_sleep(0.2) is null",
        "lo_import('/etc/passwd') is null",
        "set_config('a.b', content, false)::int = 1",
        "conversation_id = '" + victim + "'",
        "owner = 'bob'",
        "true or conversation_id = '" + victim + "'",
        "false) or conversation_id = '" + victim + "' or (false",
        "true or owner = $1",
        "conversation_id = $1",
        "content = E'\\') or true --'",
        "content = e'\\\\') or (true) or (content = '",
        "content = U&'\\0027' or true",
        "content = $$) or true --$$",
        "content = $a$ $a$) or (true",
        "content = '') or (true) or (content = ''",
        "content = ''') or (true) or (content = '''",
        "content = \u2019) or (true",
        "\"content\" = \") or (true\"",
        "content ~ '.*') or (true",
        "content similar to '%') or (true",
        "content operator(pg_catalog.~) '.*' or true",
        "xmlexists('//a' passing query_to_xml('table commands',true,true,''))",
        "case when true then true end) or (true",
        "$2::int = 1",
        "true and (1=1",
        "true))))) or (((((true",
        "x".repeat(3_000),
        "(".repeat(2_000) + "true" + ")".repeat(2_000));
  }

  private String orderBy() {
    return pick(
        "id",
        "id; table messages",
        "id limit 1000) union (select * from messages",
        "(select content::int from messages limit 1)",
        world.tenants().hidden,
        "content::int",
        "id, " + world.tenants().hidden + "::int desc",
        "case when true then id end",
        "id asc nulls first -- ",
        "id /*",
        "query_to_xml('table messages',true,true,'')::text::int",
        "1",
        "\"id\" desc, (table commands)",
        "id using <");
  }

  private String number() {
    return pick(
        "1",
        "1000000",
        "1; table messages",
        "1 union all select * from messages",
        "(select count(*) from messages)",
        "(select content::int from messages where conversation_id = '"
            + world.victims()
            + "' limit 1)",
        "all",
        "-1",
        "1e9",
        "0x7fffffff",
        "\u0661",
        "9".repeat(40),
        "1 offset 0",
        "null");
  }

  private String params() {
    return pick(
        "{\"1\":\"" + world.victims() + "\"}",
        "{\"1\":\"' or true --\"}",
        "{\"1\":\"$2\",\"2\":\"') or (true\"}",
        "{\"table\":\"messages\"}",
        "{\"1\":\"x\\u0000\"}");
  }

  private Held held() {
    List<Held> all = world.held();
    return all.get(random.nextInt(all.size()));
  }

  private static void add(StringBuilder query, String name, String value) {
    query
        .append('&')
        .append(name)
        .append('=')
        .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
  }

  private static String text(String value) {
    return TestGateway.JSON.writeValueAsString(value);
  }

  private String pick(String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
