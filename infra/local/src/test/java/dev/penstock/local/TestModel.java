package dev.penstock.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/// A language model's server in OpenAI's protocol, which does what a question says: `slow` and
/// `endless` ones are answered word by word, those that say `refused once` only when they are asked
/// again, all others at once.
final class TestModel {
  private static final String SENTENCE =
      "A penstock takes the water from the gate down to the turbine, and whatever happens above it, the pressure in it stays. ";

  /// When what was said to a question, by this machine's clock, in milliseconds.
  ///
  /// @param gone when its client was seen to have gone
  record Said(Map<String, Long> first, Map<String, Long> gone) {}

  private final HttpServer server;
  private final Said said = new Said(new ConcurrentHashMap<>(), new ConcurrentHashMap<>());
  private volatile CountDownLatch frozen = new CountDownLatch(0);
  private final Set<String> refused = ConcurrentHashMap.newKeySet();

  TestModel() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/v1/chat/completions", this::complete);
    server.setExecutor(
        Executors.newThreadPerTaskExecutor(Thread.ofPlatform().daemon().name("model").factory()));
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /// Says nothing more, as a process that is stopped: its connections stay.
  void freeze() {
    frozen = new CountDownLatch(1);
  }

  void thaw() {
    frozen.countDown();
  }

  Said said() {
    return said;
  }

  private void complete(HttpExchange exchange) throws IOException {
    try (exchange) {
      frozen.await();
      JsonNode messages = Api.JSON.readTree(exchange.getRequestBody()).get("messages");
      String question = text(messages.get(messages.size() - 1).get("content"));
      if (question.contains("refused once") && refused.add(question)) {
        exchange.sendResponseHeaders(401, -1);
        return;
      }
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
      exchange.sendResponseHeaders(200, 0);
      stream(question, exchange.getResponseBody());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void stream(String question, OutputStream body) throws IOException {
    boolean slow = question.startsWith("slow");
    boolean endless = question.startsWith("endless");
    int sentences = endless ? 500 : slow ? 5 : 1;
    try {
      for (String word : SENTENCE.repeat(sentences).strip().split("(?<= )", -1)) {
        said.first().putIfAbsent(question, System.currentTimeMillis());
        event(body, "{\"content\":" + Api.JSON.writeValueAsString(word) + "}", "null");
        if (slow || endless) {
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(30));
        }
      }
      event(body, "{}", "\"stop\"");
      write(body, "[DONE]");
    } catch (IOException e) {
      said.gone().putIfAbsent(question, System.currentTimeMillis());
      throw e;
    }
  }

  private static void event(OutputStream body, String delta, String reason) throws IOException {
    write(
        body,
        """
        {"id":"1","object":"chat.completion.chunk","created":1,"model":"scripted",\
        "choices":[{"index":0,"delta":%s,"finish_reason":%s}]}\
        """
            .formatted(delta, reason));
  }

  private static void write(OutputStream body, String data) throws IOException {
    body.write(("data: " + data + "\n\n").getBytes(UTF_8));
    body.flush();
  }

  private static String text(JsonNode content) {
    return content.isString() ? content.asString() : content.path(0).path("text").asString();
  }
}
