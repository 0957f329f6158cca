package dev.penstock.shapes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.shapes.Client.Reply;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Materialises a shape as Electric's and TanStack's clients do, from another instance at each
/// request: by snapshot or by subsets, by long polls or by events. Refuses repeated, missing and
/// unexplained changes.
final class ShapeReader {
  private final Supplier<List<Client>> instances;
  private final Random random;
  private final RandomShape shape;
  private final IntSupplier rotations;
  private final Map<String, Map<String, @Nullable String>> rows = new TreeMap<>();
  private final Set<String> expired = new HashSet<>();
  private final List<Tracked> tracked = new ArrayList<>();
  private final List<String> wanted = new ArrayList<>();
  private final List<String> history = new ArrayList<>();
  private @Nullable String handle;
  private String offset = "";
  private long seen;
  private int refetches;

  /// A subset whose changes may come again in the stream.
  private record Tracked(
      Set<String> keys, long xmin, long xmax, Set<Long> running, long databaseLsn) {
    boolean has(String key, long txid) {
      boolean visible = txid < xmin || (txid < xmax && !running.contains(txid));
      return visible && keys.contains(key);
    }
  }

  /// @param rotations how often the shape may have been rotated since the reader was made
  ShapeReader(
      Supplier<List<Client>> instances, Random random, RandomShape shape, IntSupplier rotations) {
    this.instances = instances;
    this.random = random;
    this.shape = shape;
    this.rotations = rotations;
    restart();
  }

  RandomShape shape() {
    return shape;
  }

  Map<String, Map<String, @Nullable String>> rows() {
    return rows;
  }

  int refetches() {
    return refetches;
  }

  private void restart() {
    rows.clear();
    history.clear();
    tracked.clear();
    handle = null;
    offset = shape.subsets().isEmpty() ? "-1" : "now";
    wanted.clear();
    wanted.addAll(shape.subsets());
    seen = 0;
  }

  /// Waits for news once.
  void follow() {
    attempt(() -> {
      if (!offset.contains("_") || !wanted.isEmpty() || seen == 0) {
        step();
      } else if (random.nextInt(3) == 0) {
        events();
      } else {
        log(true);
      }
    });
  }

  /// Reads until everything up to this LSN has been seen.
  void reach(long lsn) {
    long deadline = System.nanoTime() + 40_000_000_000L;
    while (seen < lsn || !wanted.isEmpty()) {
      assertThat(System.nanoTime()).as("waiting for %d, at %s", lsn, offset).isLessThan(deadline);
      attempt(this::step);
    }
  }

  private void attempt(Runnable step) {
    try {
      step.run();
    } catch (IllegalStateException e) {
      // An instance that is being restarted.
      LockSupport.parkNanos(20_000_000);
    }
  }

  private void step() {
    if (!wanted.isEmpty()) {
      subset(wanted.getFirst());
    } else {
      log(false);
    }
  }

  private Client instance() {
    List<Client> now = instances.get();
    return now.get(random.nextInt(now.size()));
  }

  private List<String> query(String... more) {
    List<String> query = new ArrayList<>(shape.definition());
    query.addAll(List.of("offset", offset));
    if (handle != null) {
      query.addAll(List.of("handle", handle));
    }
    query.addAll(List.of(more));
    return query;
  }

  private static String path(List<String> query) {
    return Client.query(query.toArray(String[]::new));
  }

  private void subset(String clause) {
    boolean post = random.nextBoolean();
    Reply reply =
        post
            ? instance().post(path(query()), "{\"where\":\"" + clause.replace("\"", "\\\"") + "\"}")
            : instance().get(path(query("subset__where", clause)));
    if (!accept(reply)) {
      return;
    }
    wanted.removeFirst();
    JsonNode metadata = reply.json().path("metadata");
    Set<String> keys = new HashSet<>();
    for (JsonNode message : reply.json().path("data")) {
      String key = message.path("key").asString();
      keys.add(key);
      rows.put(key, value(message.path("value")));
    }
    Set<Long> running = new HashSet<>();
    metadata.path("xip_list").forEach(xid -> running.add(Long.parseLong(xid.asString())));
    tracked.add(
        new Tracked(
            keys,
            number(metadata.path("xmin")),
            number(metadata.path("xmax")),
            running,
            number(metadata.path("database_lsn"))));
  }

  private static long number(JsonNode text) {
    return Long.parseLong(text.asString());
  }

  private void log(boolean live) {
    Reply reply = instance().get(path(live ? query("live", "true") : query("unknown", "ignored")));
    if (accept(reply)) {
      reply.messages().forEach(this::apply);
    }
  }

  /// @return whether there is something in it
  private boolean accept(Reply reply) {
    if (reply.status() == 409) {
      if (handle != null) {
        expired.add(handle);
      }
      // A cut snapshot ends elsewhere, and is not cut the next time.
      if (!offset.matches("0_[1-9][0-9]*")) {
        refetches++;
        assertThat(refetches)
            .as("409 without a rotation of %s", shape)
            .isLessThanOrEqualTo(rotations.getAsInt());
      }
      restart();
      handle = reply.required("electric-handle");
      assertThat(expired).as("handed out again").doesNotContain(handle);
      return false;
    }
    if (reply.status() == 503) {
      assertThat(reply.header("retry-after")).isNotNull();
      LockSupport.parkNanos(20_000_000);
      return false;
    }
    assertThat(reply.status()).as("%s %s", query(), reply.body()).isEqualTo(200);
    handle = reply.required("electric-handle");
    assertThat(expired).as("handed out again").doesNotContain(handle);
    String asked = offset;
    offset = reply.required("electric-offset");
    history.add("%s from %s to %s".formatted(handle, asked, offset));
    return true;
  }

  /// Reads events, for a while.
  private void events() {
    List<JsonNode> pending = new ArrayList<>();
    try (Stream<String> lines = instance().lines(path(query("live", "true", "live_sse", "true")))) {
      var all = lines.iterator();
      while (all.hasNext()) {
        String line = all.next();
        if (!line.startsWith("data: ")) {
          continue;
        }
        JsonNode message = Client.JSON.readTree(line.substring("data: ".length()));
        pending.add(message);
        if (message.path("headers").path("control").asString("").equals("up-to-date")) {
          pending.forEach(this::apply);
          pending.clear();
          // As Electric's client resumes.
          offset = seen + "_0";
          if (random.nextInt(3) == 0) {
            return;
          }
        }
      }
    } catch (java.io.UncheckedIOException e) {
      throw new IllegalStateException(e);
    }
  }

  private void apply(JsonNode message) {
    JsonNode headers = message.path("headers");
    String control = headers.path("control").asString("");
    if (control.equals("up-to-date")) {
      seen = number(headers.path("global_last_seen_lsn"));
      tracked.removeIf(subset -> seen >= subset.databaseLsn());
    }
    if (!control.isEmpty()) {
      return;
    }
    String key = message.path("key").asString();
    if (headers.has("lsn")) {
      long lsn = number(headers.path("lsn"));
      long txid = headers.path("txids").path(0).asLong();
      tracked.removeIf(subset -> lsn >= subset.databaseLsn() || txid >= subset.xmax());
      if (tracked.stream().anyMatch(subset -> subset.has(key, txid))) {
        return;
      }
    }
    history.add("%s %s".formatted(key, headers));
    change(message, key, headers.path("operation").asString());
  }

  /// The shape, its requests since the last start, and what was said of this row.
  private String story(String key) {
    return shape
        + history.stream()
            .filter(line -> line.startsWith(key) || line.contains(" from "))
            .collect(Collectors.joining("\n", "\n", "\n"));
  }

  private void change(JsonNode message, String key, String operation) {
    boolean partial = !shape.subsets().isEmpty();
    Map<String, @Nullable String> value = value(message.path("value"));
    Map<String, @Nullable String> row = rows.get(key);
    switch (operation) {
      case "insert" -> {
        assertThat(row == null || partial)
            .as(() -> "inserted twice: %s %s".formatted(message, story(key)))
            .isTrue();
        rows.put(key, value);
      }
      case "delete" -> {
        assertThat(row != null || partial)
            .as(() -> "deleted twice: %s %s".formatted(message, story(key)))
            .isTrue();
        rows.remove(key);
      }
      default -> {
        assertThat(row != null || partial)
            .as(() -> "updated but unknown: %s %s".formatted(message, story(key)))
            .isTrue();
        if (row != null) {
          // A subset is forgotten at the first txid behind it, though an earlier one may follow in
          // the
          // log: a change may come again then, as it does to Electric's client, and does no harm.
          if (!partial) {
            assertThat(row)
                .as("%s", message)
                .containsAllEntriesOf(value(message.path("old_value")));
          }
          row.putAll(value);
        }
      }
    }
  }

  private static Map<String, @Nullable String> value(JsonNode value) {
    Map<String, @Nullable String> texts = new TreeMap<>();
    for (Map.Entry<String, JsonNode> entry : value.properties()) {
      texts.put(entry.getKey(), text(entry.getKey(), entry.getValue()));
    }
    return texts;
  }

  /// The log says `t` where snapshots say `true`.
  private static @Nullable String text(String column, JsonNode value) {
    if (value.isNull()) {
      return null;
    }
    String text = value.asString();
    return !column.equals("flag") ? text : text.startsWith("t") ? "true" : "false";
  }
}
