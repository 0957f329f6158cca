package dev.penstock.command.txid;

import dev.penstock.contracts.Outbox;
import dev.penstock.contracts.Partitions;
import dev.penstock.contracts.Topics;
import dev.penstock.contracts.log.LogEntry;
import dev.penstock.contracts.log.Relation;
import dev.penstock.contracts.log.Tuple;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What a transaction changed, as far as the tracer asks: where the router puts it, and in whose
/// shapes it is. Bounded: of a large transaction it is the first places and conversations.
final class Changes {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int MAX_PLACES = 64;
  private static final int MAX_CONVERSATIONS = 1_000;

  private final Topics topics;
  private final Set<LogFinding.Place> places = new LinkedHashSet<>();
  private final Set<String> owners = new HashSet<>();
  private final Set<UUID> conversations = new HashSet<>();
  private boolean rows;

  Changes(Topics topics) {
    this.topics = topics;
  }

  Set<LogFinding.Place> places() {
    return places;
  }

  Set<String> owners() {
    return owners;
  }

  Set<UUID> conversations() {
    return conversations;
  }

  boolean rows() {
    return rows;
  }

  void accept(LogEntry entry) {
    switch (entry) {
      case LogEntry.Insert(Relation relation, Tuple row) -> row(relation, row);
      case LogEntry.Update update -> {
        Tuple old = update.old();
        if (old != null) {
          shape(update.relation(), old);
        }
        row(update.relation(), update.row());
      }
      case LogEntry.Delete(Relation relation, Tuple old) -> row(relation, old);
      case LogEntry.SnapshotRow(Relation relation, Tuple row) -> row(relation, row);
      case LogEntry.Oversize oversize -> row(oversize.relation(), oversize.key());
      case LogEntry.Truncate truncate -> {
        rows = true;
        for (Relation relation : truncate.relations()) {
          place(topics.table(relation.schema(), relation.table()), 0);
        }
      }
      case LogEntry.Message(String prefix, byte[] content) -> message(prefix, content);
      case LogEntry.Ddl _ -> {}
    }
  }

  private void row(Relation relation, Tuple row) {
    rows = true;
    shape(relation, row);
    // As the router does: by the table's partition column, else by the primary key.
    String text = isMessages(relation) ? text(relation, row, "conversation_id") : null;
    if (text == null) {
      text =
          Arrays.stream(relation.keyColumns())
              .mapToObj(column -> String.valueOf(row.text(column)))
              .collect(Collectors.joining(","));
    }
    place(
        topics.table(relation.schema(), relation.table()),
        Partitions.of(text, Topics.KEYED_PARTITIONS));
  }

  private void shape(Relation relation, Tuple row) {
    if (relation.table().equals("conversations")) {
      String owner = text(relation, row, "owner");
      if (owner != null && owners.size() < MAX_CONVERSATIONS) {
        owners.add(owner);
      }
    } else if (isMessages(relation)) {
      String conversation = text(relation, row, "conversation_id");
      if (conversation != null && conversations.size() < MAX_CONVERSATIONS) {
        conversations.add(UUID.fromString(conversation));
      }
    }
  }

  private static boolean isMessages(Relation relation) {
    return relation.table().equals("messages");
  }

  private static @Nullable String text(Relation relation, Tuple row, String column) {
    int index = relation.indexOf(column);
    return index < 0 ? null : row.text(index);
  }

  private void message(String prefix, byte[] content) {
    switch (prefix) {
      case Outbox.QUESTIONS -> keyed(topics.questions(), "conversationId", content);
      case Outbox.DEAD_LETTERS -> keyed(topics.questionsDeadLetters(), "id", content);
      default -> {}
    }
  }

  private void keyed(String topic, String key, byte[] content) {
    try {
      JsonNode text = Objects.requireNonNull(JSON.readTree(content)).path(key);
      if (text.isString()) {
        place(topic, Partitions.of(text.asString(), Topics.KEYED_PARTITIONS));
      }
    } catch (JacksonException e) {
      // The router does not route it either.
      return;
    }
  }

  private void place(String topic, int partition) {
    if (places.size() < MAX_PLACES) {
      places.add(new LogFinding.Place(topic, partition));
    }
  }
}
