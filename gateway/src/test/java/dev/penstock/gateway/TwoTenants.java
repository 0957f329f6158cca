package dev.penstock.gateway;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;

/// A database of two tenants in which every value that some token does not cover is a canary: a
/// text that nobody can guess, and of which it is known whose row and which column it is in.
///
/// Each synced table has one column more than its policy knows; the tables that are not synced have
/// canaries as well, which are nobody's.
final class TwoTenants {
  static final String ALICE = "alice";
  static final String BOB = "bob";
  private static final int CONVERSATIONS = 6;
  private static final int MESSAGES = 8;

  /// Where a canary is.
  ///
  /// @param owner empty: nobody may see it
  /// @param conversation empty where it is in no conversation
  record Place(String owner, String conversation, String table, String column) {}

  final String database;

  /// The column of both synced tables that no policy names.
  final String hidden;

  private final Random random;
  private final Map<String, Place> canaries = new HashMap<>();
  private final Map<String, List<UUID>> conversations = new HashMap<>();

  /// @param database migrated; what it has stays
  TwoTenants(String database, long seed) {
    this.database = database;
    this.random = new Random(seed ^ System.nanoTime());
    this.hidden = "hidden_" + Long.toHexString(random.nextLong());
    try (Connection connection = DriverManager.getConnection(database)) {
      connection.setAutoCommit(false);
      try (Statement statement = connection.createStatement()) {
        for (String table : List.of("conversations", "messages")) {
          statement.execute("alter table %s add column %s text".formatted(table, hidden));
        }
      }
      // Interleaved, so that no table is sorted by its owners.
      for (int i = 0; i < CONVERSATIONS; i++) {
        for (String owner : List.of(ALICE, BOB)) {
          fill(connection, owner);
        }
      }
      nobodys(connection);
      connection.commit();
    } catch (SQLException failed) {
      throw new IllegalStateException(failed);
    }
  }

  List<UUID> conversationsOf(String owner) {
    return conversations.getOrDefault(owner, List.of());
  }

  Map<String, Place> canaries() {
    return canaries;
  }

  Stream<Map.Entry<String, Place>> where(java.util.function.Predicate<Place> matches) {
    return canaries.entrySet().stream().filter(entry -> matches.test(entry.getValue()));
  }

  private void fill(Connection connection, String owner) throws SQLException {
    UUID conversation = new UUID(random.nextLong(), random.nextLong());
    conversations.computeIfAbsent(owner, _ -> new ArrayList<>()).add(conversation);
    Place place = new Place(owner, conversation.toString(), "conversations", "");
    insert(
        connection,
        "insert into conversations (id, owner, title, %s) values (?, ?, ?, ?)".formatted(hidden),
        conversation,
        owner,
        canary(place, "title"),
        canary(place, hidden));
    for (int i = 0; i < MESSAGES; i++) {
      Place message = new Place(owner, conversation.toString(), "messages", "");
      UUID id = new UUID(random.nextLong(), random.nextLong());
      canaries.put(id.toString(), at(message, "id"));
      Timestamp now = Timestamp.from(Instant.now());
      insert(
          connection,
          "insert into messages (id, conversation_id, role, status, content, error, created_at,"
              + " updated_at, %s) values (?, ?, 'user', 'completed', ?, ?, ?, ?, ?)"
                  .formatted(hidden),
          id,
          conversation,
          canary(message, "content"),
          canary(message, "error"),
          now,
          now,
          canary(message, hidden));
    }
  }

  private void nobodys(Connection connection) throws SQLException {
    for (int i = 0; i < 3; i++) {
      insert(
          connection,
          "insert into commands (kind, request_id, owner, txid, body_hash) values (?, ?, ?,"
              + " '1'::xid8, ''::bytea)",
          canary(new Place("", "", "commands", ""), "kind"),
          UUID.randomUUID(),
          canary(new Place("", "", "commands", ""), "owner"));
      insert(
          connection,
          "insert into dead_letters (id, reason, cause, attempts, failed_at) values (?, ?, ?, 1,"
              + " now())",
          UUID.randomUUID(),
          canary(new Place("", "", "dead_letters", ""), "reason"),
          canary(new Place("", "", "dead_letters", ""), "cause"));
    }
  }

  private String canary(Place row, String column) {
    String canary = "cnry%016x%08x".formatted(random.nextLong(), random.nextInt());
    canaries.put(canary, at(row, column));
    return canary;
  }

  private static Place at(Place row, String column) {
    return new Place(row.owner(), row.conversation(), row.table(), column);
  }

  private static void insert(Connection connection, String sql, Object... values)
      throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        insert.setObject(i + 1, values[i]);
      }
      insert.executeUpdate();
    }
  }
}
