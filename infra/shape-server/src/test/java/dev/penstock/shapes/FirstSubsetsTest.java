package dev.penstock.shapes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.shapes.Client.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;

/// A stream whose first requests are several subsets, as two live queries that mount together send
/// them: the client goes on from the handle that came last.
class FirstSubsetsTest {
  private static TestShapes stack;
  private static ConfigurableApplicationContext server;
  private static Client client;

  @BeforeAll
  static void start() {
    stack = new TestShapes();
    server = stack.server(Map.of());
    client = TestShapes.client(server);
  }

  @AfterAll
  static void stop() {
    server.close();
    stack.close();
  }

  @Test
  void whatHappensBetweenTwoFirstSubsetsIsInTheStreamOfTheLater() {
    publish("between");
    stack.sql("insert into between values (1, 'a'), (2, 'a')");
    subset("between", "id = 1");

    long txid = stack.transaction("update between set v = 'b' where id = 1");
    // Or the later one would begin before it by itself.
    new Follower(client, "table", "between").reach(stack.endOfLog());
    Reply later = subset("between", "id = 2");

    assertThat(follow(later, txid, "table", "between")).contains(txid);
  }

  @Test
  void subsetBehindATruncationDoesNotBeginBeforeIt() {
    publish("emptied");
    subset("emptied", "id = 1");
    stack.sql("truncate emptied");
    new Follower(client, "table", "emptied").reach(stack.endOfLog());

    Reply later = subset("emptied", "id = 2");

    Reply stream = log(later.required("electric-handle"), "0_inf", "table", "emptied");
    assertThat(stream.status()).isEqualTo(200);
  }

  @Test
  void subsetOfAnotherShapeBeginsWhereItWasTaken() {
    publish("apart");
    Reply first = subset("apart", "id = 1");
    long txid = stack.transaction("insert into apart values (1, 'a')");
    assertThat(follow(first, txid, "table", "apart")).containsExactly(txid);

    Reply other = subset("apart", "id = 1", "columns", "id");
    long after = stack.transaction("insert into apart values (2, 'a')");

    assertThat(follow(other, after, "table", "apart", "columns", "id"))
        .containsExactly(after)
        .doesNotContain(txid);
  }

  /// Returns when the server has read of the table: what it was told before is a rotation.
  private static void publish(String table) {
    stack.publish("(id int primary key, v text)", table);
    new Follower(client, "table", table).reach(stack.endOfLog());
  }

  private static Reply subset(String table, String where, String... more) {
    List<String> query = new ArrayList<>(List.of("table", table, "log", "changes_only"));
    query.addAll(List.of("offset", "now", "subset__where", where));
    query.addAll(List.of(more));
    Reply reply = client.shape(query.toArray(String[]::new));
    assertThat(reply.status()).as(reply.body()).isEqualTo(200);
    return reply;
  }

  private static Reply log(String handle, String offset, String... definition) {
    List<String> query = new ArrayList<>(List.of(definition));
    query.addAll(List.of("log", "changes_only", "handle", handle, "offset", offset));
    query.addAll(List.of("live", "true"));
    return client.shape(query.toArray(String[]::new));
  }

  /// The txids in the stream behind a subset, until this one.
  private static List<Long> follow(Reply subset, long last, String... definition) {
    String handle = subset.required("electric-handle");
    String offset = subset.required("electric-offset");
    List<Long> txids = new ArrayList<>();
    for (int polls = 0; polls < 20 && !txids.contains(last); polls++) {
      Reply reply = log(handle, offset, definition);
      assertThat(reply.status()).as(reply.body()).isEqualTo(200);
      offset = reply.required("electric-offset");
      for (JsonNode message : reply.messages()) {
        message.path("headers").path("txids").forEach(txid -> txids.add(txid.asLong()));
      }
    }
    return txids;
  }
}
