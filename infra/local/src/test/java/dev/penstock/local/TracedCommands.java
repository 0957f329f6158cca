package dev.penstock.local;

import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Transactions of every kind that the tracer tells apart.
final class TracedCommands implements AutoCloseable {
  enum Kind {
    QUESTION,
    CONVERSATION,
    NO_OP,
    ROLLED_BACK,
    OTHERS,
    OUTSIDE
  }

  /// @param answer the question's, else null
  /// @param emptyMicros how long a request took just before that the command-service refuses before
  ///   it asks the database; 0 unless a question
  /// @param fromMicros when the request was sent, since 1970
  /// @param toMicros when it was answered
  record Sent(
      Kind kind,
      long txid,
      @Nullable UUID answer,
      long emptyMicros,
      long fromMicros,
      long toMicros) {}

  final UUID conversation;
  private final Api alice;
  private final Api bob;
  private final UUID others;
  private final UUID bobsQuestion = UUID.randomUUID();
  private final Connection database;

  TracedCommands(Api alice, Api bob, String database) throws SQLException {
    this.alice = alice;
    this.bob = bob;
    conversation = alice.createConversation("alice's");
    others = bob.createConversation("bob's");
    bob.ask(others, bobsQuestion, UUID.randomUUID(), "bob's");
    this.database = DriverManager.getConnection(database, "postgres", "");
    this.database.setAutoCommit(false);
  }

  Sent send(Random random) throws SQLException {
    // Every third is a question: their latency is what is measured.
    Kind[] kinds = Kind.values();
    return send(random.nextInt(4) == 0 ? Kind.QUESTION : kinds[random.nextInt(kinds.length)]);
  }

  Sent send(Kind kind) throws SQLException {
    UUID answer = UUID.randomUUID();
    long empty = kind == Kind.QUESTION ? empty() : 0;
    long from = LiveShape.micros();
    long txid =
        switch (kind) {
          case QUESTION -> alice.ask(conversation, UUID.randomUUID(), answer, "why?");
          case CONVERSATION ->
              txid(alice.post("/conversations", Map.of("id", UUID.randomUUID(), "title", "t")));
          case OTHERS -> bob.ask(others, UUID.randomUUID(), answer, "why?");
          case NO_OP -> command(true, null);
          case ROLLED_BACK -> command(false, null);
          case OUTSIDE -> command(true, bobsQuestion);
        };
    return new Sent(
        kind, txid, kind == Kind.QUESTION ? answer : null, empty, from, LiveShape.micros());
  }

  private long empty() {
    long from = LiveShape.micros();
    int status = alice.post("/questions/send", Map.of("content", "why?")).statusCode();
    if (status != 400) {
      throw new AssertionError("not refused, but " + status);
    }
    return LiveShape.micros() - from;
  }

  private static long txid(HttpResponse<String> response) {
    return Api.JSON.readTree(response.body()).get("txid").asLong();
  }

  private long command(boolean commit, @Nullable UUID changed) throws SQLException {
    long txid = open();
    if (changed != null) {
      try (var update = database.prepareStatement("update messages set error = ? where id = ?")) {
        update.setString(1, "t" + txid);
        update.setObject(2, changed);
        update.executeUpdate();
      }
    }
    if (commit) {
      database.commit();
    } else {
      database.rollback();
    }
    return txid;
  }

  /// A command of alice's that has not ended.
  long open() throws SQLException {
    try (var insert =
            database.prepareStatement(
                "insert into commands (kind, request_id, owner, txid, body_hash)"
                    + " values ('retry', gen_random_uuid(), 'alice', pg_current_xact_id(), '')");
        var read = database.prepareStatement("select pg_current_xact_id()::xid::text::bigint")) {
      insert.executeUpdate();
      try (var row = read.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  void rollback() throws SQLException {
    database.rollback();
  }

  @Override
  public void close() throws SQLException {
    database.close();
  }
}
