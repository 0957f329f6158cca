package dev.penstock.replay;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.TopicPartition;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Where a replay stands, as it is stored with its target.
///
/// @param settings what it replays, so that a replay of something else does not go on from there
/// @param next by partition, the offset to read next
/// @param generations met so far, in their order
/// @param begun whether what it starts from was reached
record Position(
    String settings, Map<TopicPartition, Long> next, List<UUID> generations, boolean begun) {
  Position {
    next = Map.copyOf(next);
    generations = List.copyOf(generations);
  }

  ObjectNode toJson() {
    ObjectNode json = Change.JSON.createObjectNode();
    json.put("settings", settings);
    json.put("begun", begun);
    ObjectNode offsets = json.putObject("next");
    next.forEach((partition, offset) -> offsets.put(partition.toString(), offset));
    ArrayNode ids = json.putArray("generations");
    generations.forEach(id -> ids.add(id.toString()));
    return json;
  }

  static Position parse(String text) {
    try {
      return of(Change.JSON.readTree(text));
    } catch (JacksonException | IllegalArgumentException e) {
      throw new ReplayException("The position stored with the target cannot be read.", e);
    }
  }

  static Position of(JsonNode json) {
    Map<TopicPartition, Long> next = new HashMap<>();
    for (var entry : json.path("next").properties()) {
      int dash = entry.getKey().lastIndexOf('-');
      next.put(
          new TopicPartition(
              entry.getKey().substring(0, dash),
              Integer.parseInt(entry.getKey().substring(dash + 1))),
          entry.getValue().asLong());
    }
    List<UUID> generations = new ArrayList<>();
    json.path("generations").forEach(id -> generations.add(UUID.fromString(id.asString())));
    return new Position(
        json.path("settings").asString(""), next, generations, json.path("begun").asBoolean(false));
  }
}
