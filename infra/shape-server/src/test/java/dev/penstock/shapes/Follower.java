package dev.penstock.shapes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.shapes.Client.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Follows a shape as a client does, and keeps what it says. Refuses a repeated or a missing
/// change.
final class Follower {
  private final List<Client> clients;
  private final String[] definition;
  private final Map<String, Map<String, @Nullable String>> rows = new TreeMap<>();
  private @Nullable String handle;
  private String offset = "-1";
  private int requests;
  private int refetches;

  Follower(Client client, String... definition) {
    this(List.of(client), definition);
  }

  /// @param clients asked in turn, another at each request
  Follower(List<Client> clients, String... definition) {
    this.clients = clients;
    this.definition = definition;
  }

  /// What is there now, by key.
  Map<String, Map<String, @Nullable String>> rows() {
    return rows;
  }

  int refetches() {
    return refetches;
  }

  /// Reads until up to date.
  ///
  /// @return the changes read
  List<JsonNode> catchUp() {
    List<JsonNode> changes = new ArrayList<>();
    while (!step(false, changes)) {}
    return changes;
  }

  /// Reads live until a transaction with this txid was seen.
  void awaitTxid(long txid) {
    List<JsonNode> changes = new ArrayList<>();
    long deadline = System.nanoTime() + 15_000_000_000L;
    while (changes.stream()
        .noneMatch(c -> c.path("headers").path("txids").toString().equals("[" + txid + "]"))) {
      assertThat(System.nanoTime()).as("waiting for txid %d", txid).isLessThan(deadline);
      step(true, changes);
    }
  }

  /// Reads live until there are so many changes.
  List<JsonNode> await(int count) {
    List<JsonNode> changes = new ArrayList<>();
    long deadline = System.nanoTime() + 15_000_000_000L;
    while (changes.size() < count) {
      assertThat(System.nanoTime())
          .as("waiting for %d, have %d", count, changes.size())
          .isLessThan(deadline);
      step(true, changes);
    }
    return changes;
  }

  /// Reads until this LSN has been seen.
  void reach(long lsn) {
    long deadline = System.nanoTime() + 20_000_000_000L;
    List<JsonNode> changes = new ArrayList<>();
    do {
      assertThat(System.nanoTime()).as("waiting for %d", lsn).isLessThan(deadline);
      while (!step(false, changes)) {}
    } while (seen < lsn);
  }

  private long seen;

  private boolean step(boolean live, List<JsonNode> changes) {
    List<String> query = new ArrayList<>(List.of(definition));
    query.addAll(List.of("offset", offset));
    if (handle != null) {
      query.addAll(List.of("handle", handle));
    }
    if (live) {
      query.addAll(List.of("live", "true"));
    }
    Client client = clients.get(requests++ % clients.size());
    Reply reply = client.shape(query.toArray(String[]::new));
    if (reply.status() == 409) {
      refetches++;
      rows.clear();
      handle = reply.required("electric-handle");
      offset = "-1";
      return false;
    }
    if (reply.status() == 503) {
      return false;
    }
    assertThat(reply.status()).as("%s %s", query, reply.body()).isEqualTo(200);
    handle = reply.required("electric-handle");
    offset = reply.required("electric-offset");
    boolean upToDate = false;
    for (JsonNode message : reply.messages()) {
      String control = message.path("headers").path("control").asString("");
      if (control.isEmpty()) {
        apply(message);
        changes.add(message);
      } else if (control.equals("up-to-date")) {
        upToDate = true;
        seen = Long.parseLong(message.path("headers").path("global_last_seen_lsn").asString());
      }
    }
    return upToDate;
  }

  /// The log says `t` where snapshots say `true`.
  private static @Nullable String text(String column, JsonNode value) {
    if (value.isNull()) {
      return null;
    }
    String text = value.asString();
    return !column.equals("flag") ? text : text.startsWith("t") ? "true" : "false";
  }

  private void apply(JsonNode message) {
    String key = message.path("key").asString();
    Map<String, @Nullable String> value = new TreeMap<>();
    message
        .path("value")
        .properties()
        .forEach(e -> value.put(e.getKey(), text(e.getKey(), e.getValue())));
    switch (message.path("headers").path("operation").asString()) {
      case "insert" -> assertThat(rows.put(key, value)).as("inserted twice: %s", message).isNull();
      case "delete" -> assertThat(rows.remove(key)).as("deleted twice: %s", message).isNotNull();
      default -> {
        Map<String, @Nullable String> row = rows.get(key);
        assertThat(row).as("updated but unknown: %s", message).isNotNull();
        java.util.Objects.requireNonNull(row).putAll(value);
      }
    }
  }
}
