package dev.penstock.shapes.http;

import dev.penstock.shapes.shape.Offset;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A shape request's parameters, checked as far as they can be without the table.
///
/// @param requested the offset as it was written
/// @param offset null for `-1` and `now`
/// @param handle with the offsets `-1` and `now` only what a 409 named, so where to begin at least
/// @param again whether a first request was sent away with 409 before: it says with which handle
record ShapeParameters(
    String requested,
    @Nullable Offset offset,
    @Nullable String handle,
    boolean again,
    boolean live,
    boolean sse,
    long cursor,
    @Nullable String table,
    @Nullable String where,
    Map<Integer, String> params,
    @Nullable String columns,
    @Nullable String queryableColumns,
    boolean fullReplica,
    boolean changesOnly,
    @Nullable SubsetParameters subset) {
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,5}");
  private static final Pattern CURSOR = Pattern.compile("[0-9]{1,18}");
  private static final Set<String> BOOLEANS = Set.of("true", "1", "false", "0");

  /// Whether a request comes with nothing to go on from.
  static boolean isFirst(Map<String, String> raw) {
    String offset = raw.getOrDefault("offset", "-1");
    return offset.equals("-1") || offset.equals("now");
  }

  /// What a `DELETE` names: a definition, a handle or both.
  static ShapeParameters ofDelete(Map<String, String> raw) {
    if (raw.getOrDefault("table", "").isEmpty() && raw.getOrDefault("handle", "").isEmpty()) {
      throw Refusal.invalid("handle", "can't be blank when shape definition is missing");
    }
    Map<String, String> definition = new HashMap<>(raw);
    definition.keySet().removeIf(name -> name.startsWith("live") || name.startsWith("subset__"));
    definition.remove("experimental_live_sse");
    definition.put("offset", "-1");
    return of(definition, new byte[0]);
  }

  /// @param body of a POST, else empty
  static ShapeParameters of(Map<String, String> raw, byte[] body) {
    Map<String, String> query = new HashMap<>();
    Map<String, String> params = new LinkedHashMap<>();
    raw.forEach((name, value) -> {
      if (name.startsWith("params[") && name.endsWith("]")) {
        params.put(name.substring(7, name.length() - 1), value);
      } else if (!value.isEmpty()) {
        query.put(name, value);
      }
    });
    boolean live = isTrue(raw, "live");
    boolean sse = isTrue(raw, raw.containsKey("live_sse") ? "live_sse" : "experimental_live_sse");
    boolean fullReplica = choice(query, "replica", "default", "full");
    boolean changesOnly = choice(query, "log", "full", "changes_only");
    if (!BOOLEANS.contains(query.getOrDefault("experimental_compaction", "false"))) {
      throw Refusal.invalid("experimental_compaction", "is invalid");
    }
    Map<Integer, String> numbered;
    try {
      numbered = numbered(params);
    } catch (IllegalArgumentException e) {
      throw Refusal.invalid("params", String.valueOf(e.getMessage()));
    }
    String requested = query.get("offset");
    if (requested == null) {
      throw Refusal.invalid("offset", "can't be blank");
    }
    Offset offset = offset(requested);
    String handle = query.get("handle");
    if (offset != null && handle == null) {
      throw Refusal.invalid("handle", "can't be blank when offset != -1");
    }
    if (live && offset == null) {
      throw Refusal.invalid(
          "live",
          requested.equals("now")
              ? "can't be true when offset is 'now'"
              : "can't be true when offset == -1");
    }
    if (sse && !live) {
      throw Refusal.invalid("live_sse", "can't be true unless live is also true");
    }
    SubsetParameters subset = SubsetParameters.of(raw, body);
    return new ShapeParameters(
        requested,
        offset,
        handle,
        handle != null || query.containsKey("expired_handle"),
        live,
        sse,
        cursor(query.get("cursor")),
        query.get("table"),
        query.get("where"),
        numbered,
        query.get("columns"),
        query.get("queryable_columns"),
        fullReplica,
        changesOnly,
        subset);
  }

  /// Parameters by their number, from 1 without a gap.
  ///
  /// @throws IllegalArgumentException with a message for the client
  static Map<Integer, String> numbered(Map<String, String> params) {
    TreeMap<Integer, String> numbered = new TreeMap<>();
    params.forEach((name, value) -> {
      if (!NUMBER.matcher(name).matches()) {
        throw new IllegalArgumentException("Parameters can only use numbers as keys");
      }
      numbered.put(Integer.parseInt(name), value);
    });
    int expected = 1;
    for (int number : numbered.keySet()) {
      if (number != expected++) {
        throw new IllegalArgumentException(
            "Parameters must be numbered sequentially, starting from 1");
      }
    }
    return numbered;
  }

  private static @Nullable Offset offset(String text) {
    if (text.equals("-1") || text.equals("now")) {
      return null;
    }
    try {
      return Offset.parse(text);
    } catch (IllegalArgumentException e) {
      throw Refusal.invalid("offset", "has invalid format");
    }
  }

  private static boolean isTrue(Map<String, String> raw, String name) {
    String value = raw.get(name);
    return value != null && !value.equals("false");
  }

  private static boolean choice(Map<String, String> query, String name, String no, String yes) {
    String value = query.getOrDefault(name, no);
    if (!value.equals(no) && !value.equals(yes)) {
      throw Refusal.invalid(name, "is invalid");
    }
    return value.equals(yes);
  }

  private static long cursor(@Nullable String text) {
    return text != null && CURSOR.matcher(text).matches() ? Long.parseLong(text) : 0;
  }
}
