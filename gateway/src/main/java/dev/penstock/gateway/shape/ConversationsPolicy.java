package dev.penstock.gateway.shape;

import java.sql.Connection;
import java.util.List;
import java.util.Map;

/// A caller's own conversations.
final class ConversationsPolicy implements ShapePolicy {
  @Override
  public String table() {
    return "conversations";
  }

  @Override
  public List<String> columns() {
    return List.of("id", "owner", "title", "created_at");
  }

  @Override
  public List<ShapeParameter> parameters() {
    return List.of();
  }

  @Override
  public String where() {
    return "owner = $1";
  }

  @Override
  public List<String> values(String caller, Map<String, String> params) {
    return List.of(caller);
  }

  @Override
  public boolean permits(Connection database, String caller, Map<String, String> params) {
    return true;
  }
}
