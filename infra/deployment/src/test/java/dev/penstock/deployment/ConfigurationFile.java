package dev.penstock.deployment;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A service's `penstock-*.yml` with its comments, which a YAML parser drops.
final class ConfigurationFile {
  private static final Pattern KEY = Pattern.compile("( *)(\"\\[[^]]+]\"|[\\w.-]+):(?: +(.*))?");

  /// @param comment of the key, or of the group of keys above it that it stands in
  /// @param value as it is written, empty for a key that has others below it
  record Entry(String comment, String value) {}

  private record Level(int indent, String name) {}

  private final Map<String, Entry> entries = new LinkedHashMap<>();

  ConfigurationFile(String text) {
    Deque<Level> path = new ArrayDeque<>();
    List<String> comment = new ArrayList<>();
    boolean fresh = true;
    for (String line : text.lines().toList()) {
      String content = line.strip();
      if (content.startsWith("#")) {
        if (fresh) {
          comment.clear();
          fresh = false;
        }
        comment.add(content.substring(1).strip());
        continue;
      }
      fresh = true;
      Matcher key = KEY.matcher(line);
      if (!key.matches()) {
        continue;
      }
      int indent = key.group(1).length();
      while (!path.isEmpty() && path.getLast().indent() >= indent) {
        path.removeLast();
      }
      path.addLast(new Level(indent, key.group(2)));
      String value = key.group(3) == null ? "" : key.group(3).strip();
      entries.put(
          String.join(".", path.stream().map(Level::name).toList()),
          new Entry(String.join(" ", comment), value));
    }
  }

  /// Of the full key, such as `penstock.gateway.port`; in the order of the file.
  Map<String, Entry> entries() {
    return entries;
  }
}
