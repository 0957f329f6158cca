package dev.penstock.gateway.shape;

import dev.penstock.gateway.revocation.RevocationKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// The messages of one conversation that belongs to the caller.
final class MessagesPolicy implements ShapePolicy {
  private static final ShapeParameter CONVERSATION = ShapeParameter.uuid("conversationId");

  @Override
  public String table() {
    return "messages";
  }

  @Override
  public List<String> columns() {
    return List.of(
        "id",
        "conversation_id",
        "role",
        "status",
        "content",
        "error",
        "reply_to",
        "created_at",
        "updated_at");
  }

  @Override
  public List<ShapeParameter> parameters() {
    return List.of(CONVERSATION);
  }

  @Override
  public String where() {
    return "conversation_id = $1";
  }

  @Override
  public List<String> values(String caller, Map<String, String> params) {
    return List.of(conversation(params));
  }

  @Override
  public List<String> revocableBy(Map<String, String> params) {
    return List.of(RevocationKey.conversation(conversation(params)));
  }

  @Override
  public boolean permits(Connection database, String caller, Map<String, String> params)
      throws SQLException {
    try (PreparedStatement owned =
        database.prepareStatement("select 1 from conversations where id = ? and owner = ?")) {
      owned.setObject(1, UUID.fromString(conversation(params)));
      owned.setString(2, caller);
      try (ResultSet rows = owned.executeQuery()) {
        return rows.next();
      }
    }
  }

  private static String conversation(Map<String, String> params) {
    String id = params.get(CONVERSATION.name());
    if (id == null) {
      throw new IllegalArgumentException(CONVERSATION.name() + " was not accepted first");
    }
    return id;
  }
}
