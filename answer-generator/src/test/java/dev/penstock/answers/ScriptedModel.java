package dev.penstock.answers;

import java.io.IOException;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;

/// Says to each question one text that follows from it alone, in small pieces, and goes on where it
/// is told that it was.
final class ScriptedModel implements ModelServer.Script {
  private static final String[] WORDS = {
    "water", "pressure", "gate", "Größe", "turbine", "flow", "🙂", "stream", "log", "commit"
  };

  private final int words;
  private final int pauseMillis;
  private final Map<String, AtomicInteger> live = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> fromNothing = new ConcurrentHashMap<>();
  final Queue<String> faults = new ConcurrentLinkedQueue<>();
  final AtomicInteger resumed = new AtomicInteger();

  /// @param pauseMillis before each piece, on average
  ScriptedModel(int words, int pauseMillis) {
    this.words = words;
    this.pauseMillis = pauseMillis;
  }

  /// Every word numbered, so that a lost or doubled one shows.
  String text(String question) {
    Random random = new Random(question.hashCode());
    StringBuilder text = new StringBuilder("On " + question + ":");
    for (int i = 1; i <= words; i++) {
      text.append(' ').append(WORDS[random.nextInt(WORDS.length)]).append(i);
      text.append(random.nextInt(12) == 0 ? "." : "");
    }
    return text.toString();
  }

  int live() {
    return live.values().stream().mapToInt(AtomicInteger::get).sum();
  }

  int mostFromNothing() {
    return fromNothing.values().stream().mapToInt(AtomicInteger::get).max().orElse(0);
  }

  @Override
  public void serve(ModelServer.Request request, ModelServer.Reply reply)
      throws IOException, InterruptedException {
    JsonNode messages = request.body().get("messages");
    int last = messages.size() - 1;
    boolean resume = last >= 2 && content(messages, last).startsWith("Your last message was cut");
    String begun = resume ? content(messages, last - 1) : "";
    String question = content(messages, resume ? last - 2 : last);
    String text = text(question);
    if (!text.startsWith(begun)) {
      faults.add("not its beginning: " + begun);
    }
    (resume ? resumed : fromNothing.computeIfAbsent(question, _ -> new AtomicInteger()))
        .incrementAndGet();
    AtomicInteger running = live.computeIfAbsent(question, _ -> new AtomicInteger());
    if (running.incrementAndGet() > 1) {
      faults.add("executed twice at a time: " + question);
    }
    try {
      reply.begin();
      Random random = new Random(request.number());
      for (String piece : text.substring(begun.length()).split("(?<=[ar])", -1)) {
        reply.pause(random.nextInt(2 * pauseMillis + 1));
        reply.text(piece);
      }
      reply.finish("stop");
      reply.awaitGone(1_000);
    } finally {
      running.decrementAndGet();
    }
  }

  private static String content(JsonNode messages, int index) {
    return ModelServer.Request.text(messages.get(index).get("content"));
  }
}
