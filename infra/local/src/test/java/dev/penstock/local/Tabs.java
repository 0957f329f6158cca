package dev.penstock.local;

import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// The tabs of one window of Debian's headless Chromium, by its own protocol. Through Playwright no
/// tab is ever hidden: it has every page believe that it is in front.
final class Tabs implements AutoCloseable {
  private static final Pattern LISTENING = Pattern.compile("DevTools listening on (ws://\\S+)");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path profile = SharedPenstock.Directories.temporary("penstock-tabs");
  private final Process chromium;
  private final HttpClient client = HttpClient.newHttpClient();
  private final WebSocket socket;
  private final AtomicInteger lastId = new AtomicInteger();
  private final ConcurrentMap<Integer, CompletableFuture<JsonNode>> answers =
      new ConcurrentHashMap<>();

  Tabs() {
    try {
      chromium =
          new ProcessBuilder(
                  Browser.onPath("chromium"),
                  "--headless",
                  "--no-sandbox",
                  "--disable-gpu",
                  "--no-first-run",
                  "--disable-background-networking",
                  "--remote-debugging-port=0",
                  "--user-data-dir=" + profile)
              .redirectErrorStream(true)
              .start();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    CompletableFuture<URI> address = new CompletableFuture<>();
    Thread.ofPlatform().daemon().name("chromium-output").start(() -> read(address));
    socket =
        address
            .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
            .thenCompose(uri -> client.newWebSocketBuilder().buildAsync(uri, new Answers()))
            .join();
  }

  private void read(CompletableFuture<URI> address) {
    try (BufferedReader lines = chromium.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Matcher listening = LISTENING.matcher(line);
        if (listening.find()) {
          address.complete(URI.create(listening.group(1)));
        }
      }
    } catch (IOException ended) {
      address.completeExceptionally(ended);
    }
    address.completeExceptionally(new AssertionError("Chromium ended"));
  }

  private final class Answers implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        JsonNode message = Api.JSON.readTree(text.toString());
        text.setLength(0);
        CompletableFuture<JsonNode> asked = answers.remove(message.path("id").asInt(0));
        if (asked != null) {
          asked.complete(message);
        }
      }
      from.request(1);
      return CompletableFuture.completedStage(null);
    }
  }

  private JsonNode send(String session, String method, Map<String, ?> params) {
    int id = lastId.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    answers.put(id, answer);
    Map<String, Object> message =
        session.isEmpty()
            ? Map.of("id", id, "method", method, "params", params)
            : Map.of("id", id, "method", method, "params", params, "sessionId", session);
    socket.sendText(Api.JSON.writeValueAsString(message), true).join();
    JsonNode came = answer.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    if (came.has("error")) {
      throw new AssertionError(method + ": " + came.get("error"));
    }
    return came.get("result");
  }

  /// A new tab, in front of the others.
  ///
  /// @param initScript run before the page's own
  Tab open(String url, String initScript) {
    String target =
        send("", "Target.createTarget", Map.of("url", "about:blank")).get("targetId").asString();
    Tab tab =
        new Tab(
            send("", "Target.attachToTarget", Map.of("targetId", target, "flatten", true))
                .get("sessionId")
                .asString());
    send(tab.session, "Page.enable", Map.of());
    send(tab.session, "Page.addScriptToEvaluateOnNewDocument", Map.of("source", initScript));
    send(tab.session, "Page.navigate", Map.of("url", url));
    return tab;
  }

  /// One of them.
  final class Tab {
    private final String session;

    private Tab(String session) {
      this.session = session;
    }

    void bringToFront() {
      send(session, "Page.bringToFront", Map.of());
    }

    /// The value of an expression, a promise's when it is there.
    JsonNode evaluate(String expression) {
      JsonNode result =
          send(
              session,
              "Runtime.evaluate",
              Map.of("expression", expression, "awaitPromise", true, "returnByValue", true));
      if (result.has("exceptionDetails")) {
        throw new AssertionError(expression + ": " + result.get("exceptionDetails"));
      }
      return result.path("result").path("value");
    }

    void awaitTrue(String expression) {
      await(expression)
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(100))
          .ignoreExceptions()
          .until(() -> evaluate("!!(" + expression + ")").asBoolean());
    }

    void fill(String selector, String text) {
      awaitTrue("document.querySelector('%s')".formatted(selector));
      evaluate("document.querySelector('%s').focus()".formatted(selector));
      send(session, "Input.insertText", Map.of("text", text));
    }

    void click(String selector) {
      awaitTrue("document.querySelector('%s:not([disabled])')".formatted(selector));
      evaluate("document.querySelector('%s').click()".formatted(selector));
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
    List<ProcessHandle> children = chromium.descendants().toList();
    chromium.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
    try {
      chromium.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
    SharedPenstock.Directories.delete(profile);
  }
}
