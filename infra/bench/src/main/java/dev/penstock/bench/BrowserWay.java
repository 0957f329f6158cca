package dev.penstock.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.contracts.Topics;
import dev.penstock.contracts.log.LogEntry;
import dev.penstock.contracts.log.LogReader;
import dev.penstock.contracts.log.Transaction;
import dev.penstock.contracts.log.Tuple;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The unmodified npm clients in Node ask the whole stack one question after the other, with the
/// offline text as answer, at its own pace.
final class BrowserWay implements Way {
  private static final Path CLIENTS = Path.of("infra", "local", "src", "test", "node");

  private final Stand stand;
  private final Path directory;
  private final Whole whole;

  BrowserWay(Stand stand) throws Exception {
    this.stand = stand;
    directory = Environment.root().resolve(CLIENTS);
    if (!Files.exists(directory.resolve("node_modules"))) {
      var _ = run("npm", "ci", "--prefer-offline", "--silent");
    }
    whole = Whole.start(stand);
    var _ = whole.url();
  }

  @Override
  public void round(Results results) throws Exception {
    int questions = stand.size().of(1, 4, 20);
    int warm = stand.size().of(1, 1, 4);
    String output =
        run(
            "node",
            "times.mjs",
            whole.url(),
            "bench",
            Integer.toString(warm),
            Integer.toString(questions));
    JsonNode times = Http.JSON.readTree(output);
    for (Map.Entry<String, String> figure :
        new TreeMap<>(
                Map.of(
                    "postedMillis", "POST answered",
                    "confirmedMillis", "POST to awaitTxId",
                    "firstTextMillis", "POST to first answer text",
                    "completedMillis", "POST to whole answer"))
            .entrySet()) {
      Latencies latencies = new Latencies();
      for (JsonNode millis : times.get(figure.getKey())) {
        long nanos = (long) (millis.asDouble() * 1e6);
        latencies.record(0, 0, nanos);
      }
      results.latencies(Ways.BROWSER.id(), figure.getValue(), latencies);
    }
    results.generator(
        Ways.BROWSER.id(),
        "npm client",
        times.get("cores").asDouble(),
        "one question at a time, by one client");
    amplification(results);
  }

  /// Bytes of text that a growing answer's updates wrote, by those of its final text.
  private void amplification(Results results) throws Exception {
    Map<String, Long> written = new HashMap<>();
    Map<String, Long> finals = new HashMap<>();
    Map<String, Object> kafka = Map.of("bootstrap.servers", whole.bootstrapServers());
    try (LogReader reader = LogReader.fromBeginning(kafka, new Topics("penstock").log())) {
      long end = reader.endOffset();
      while (reader.nextOffset() < end) {
        for (var event : reader.poll(Duration.ofMillis(100))) {
          if (event instanceof Transaction transaction) {
            transaction.forEach(entry -> count(entry, written, finals));
          }
        }
      }
    }
    long last = finals.values().stream().mapToLong(Long::longValue).sum();
    long all = finals.keySet().stream().mapToLong(answer -> written.getOrDefault(answer, 0L)).sum();
    if (last > 0) {
      results.add(
          Ways.BROWSER.id(), "streamed answer", "bytes written", "× final", (double) all / last);
    }
  }

  private static void count(LogEntry entry, Map<String, Long> written, Map<String, Long> finals) {
    if (entry instanceof LogEntry.Update update
        && update.relation().table().equals("messages")
        && "assistant".equals(text(update, "role"))) {
      String id = String.valueOf(text(update, "id"));
      String content = text(update, "content");
      Tuple old = update.old();
      int column = update.relation().indexOf("content");
      if (content != null && (old == null || !content.equals(old.text(column)))) {
        written.merge(id, (long) content.getBytes(UTF_8).length, Long::sum);
      }
      if ("completed".equals(text(update, "status")) && content != null) {
        finals.put(id, (long) content.getBytes(UTF_8).length);
      }
    }
  }

  private static @Nullable String text(LogEntry.Update update, String column) {
    Tuple old = update.old();
    Tuple row = old == null ? update.row() : update.row().withUnchangedFrom(old);
    return row.text(update.relation().indexOf(column));
  }

  private String run(String... command) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of(command));
    Process process =
        new ProcessBuilder(words)
            .directory(directory.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (!process.waitFor(5, TimeUnit.MINUTES) || process.exitValue() != 0) {
      throw new IOException(String.join(" ", words) + " failed: " + output);
    }
    return output;
  }

  @Override
  public void close() {
    whole.close();
  }
}
