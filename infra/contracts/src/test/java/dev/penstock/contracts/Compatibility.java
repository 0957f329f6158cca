package dev.penstock.contracts;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/// BACKWARD: whatever the old schema allows, the new one must allow, since it was written. A
/// keyword that this does not know may not differ.
final class Compatibility {
  private static final Set<String> WORDS = Set.of("$schema", "$id", "title", "description");

  /// Keywords that narrow, and whether the change from the first to the second narrows no further.
  private static final Map<String, BiPredicate<JsonNode, JsonNode>> BOUNDS =
      Map.of(
          "minLength", (old, now) -> now.asInt() <= old.asInt(),
          "minimum", (old, now) -> now.asDouble() <= old.asDouble(),
          "maxLength", (old, now) -> now.asInt() >= old.asInt(),
          "maximum", (old, now) -> now.asDouble() >= old.asDouble(),
          "enum", (old, now) -> texts(now).containsAll(texts(old)),
          "type", (old, now) -> types(now).containsAll(types(old)));

  private final List<String> refusals = new ArrayList<>();

  private Compatibility() {}

  /// What the new schema would refuse; empty if nothing.
  static List<String> refusals(JsonNode old, JsonNode now) {
    Compatibility compatibility = new Compatibility();
    compatibility.compare("", old, now);
    return compatibility.refusals;
  }

  private void compare(String path, JsonNode old, JsonNode now) {
    for (String keyword : now.propertyNames()) {
      JsonNode before = old.get(keyword);
      JsonNode after = now.get(keyword);
      switch (keyword) {
        case "properties" -> properties(path, old, after);
        case "required" -> {
          Set<String> added = new TreeSet<>(texts(after));
          if (before != null) {
            added.removeAll(texts(before));
          }
          added.forEach(name -> refusals.add(path + "/" + name + " became required"));
        }
        case "items" -> compare(path + "[]", old.path("items"), after);
        default -> {
          if (!WORDS.contains(keyword)
              && !after.equals(before)
              && narrows(keyword, before, after)) {
            refusals.add(path + " " + keyword + " became " + after);
          }
        }
      }
    }
  }

  private void properties(String path, JsonNode old, JsonNode properties) {
    for (var property : properties.properties()) {
      JsonNode before = old.path("properties").get(property.getKey());
      if (before != null) {
        compare(path + "/" + property.getKey(), before, property.getValue());
      }
    }
  }

  private static boolean narrows(
      String keyword, @org.jspecify.annotations.Nullable JsonNode before, JsonNode after) {
    BiPredicate<JsonNode, JsonNode> bound = BOUNDS.get(keyword);
    return before == null || bound == null || !bound.test(before, after);
  }

  private static Set<String> types(JsonNode type) {
    Set<String> types = type.isString() ? new TreeSet<>(Set.of(type.asString())) : texts(type);
    if (types.contains("number")) {
      types.add("integer");
    }
    return types;
  }

  private static Set<String> texts(JsonNode array) {
    return array
        .valueStream()
        .map(JsonNode::asString)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
