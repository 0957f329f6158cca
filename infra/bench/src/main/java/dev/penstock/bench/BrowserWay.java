package dev.penstock.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.penstock.contracts.Topics;
import dev.penstock.contracts.log.LogEntry;
import dev.penstock.contracts.log.LogReader;
import dev.penstock.contracts.log.Transaction;
import dev.penstock.contracts.log.Tuple;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The unmodified npm clients in Node ask the whole stack one question after the other, with the
/// offline text as answer, at its own pace.
final class BrowserWay implements Way {
  static final String STREAMED = "streamed answer";
  static final String FINAL = "its final text, written once";

  private final Stand stand;
  private final Whole whole;

  BrowserWay(Stand stand) throws Exception {
    this.stand = stand;
    whole = Whole.start(stand);
    var _ = whole.url();
  }

  @Override
  public void round(Results results) throws Exception {
    int questions = stand.size().of(1, 4, 15);
    int warm = stand.size().of(1, 20, 100);
    String output =
        NpmClients.run(
            "times.mjs", whole.url(), "bench", Integer.toString(warm), Integer.toString(questions));
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
        Generator.thread(
            Ways.BROWSER,
            "npm client",
            times.get("cores").asDouble(),
            "Node's one thread, one question at a time; what it takes is part of the figures"));
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
      add(results, STREAMED, all / 1e3 / finals.size());
      add(results, FINAL, last / 1e3 / finals.size());
    }
  }

  private static void add(Results results, String subject, double kilobytes) {
    results.add(Ways.BROWSER.id(), subject, "text per answer", "KB", kilobytes);
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

  @Override
  public void close() {
    whole.close();
  }
}
