package dev.penstock.local;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/// A proxy between clients and gateway: it notes the requests for shapes, and when told to, answers
/// some with 429 and 503 by itself, or keeps answers that it may not and gives them to others.
final class Intermediary implements AutoCloseable {
  private static final Set<String> OWN =
      Set.of("connection", "content-length", "transfer-encoding", "host", "upgrade", "keep-alive");
  private static final int MOST_CACHED = 10_000;
  private static final int MOST_LASTLY = 60;

  private final HttpServer server;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final String target;
  private final Random random;
  private final Queue<Seen> seen = new ConcurrentLinkedQueue<>();
  private final Map<String, Cached> cache =
      java.util.Collections.synchronizedMap(
          new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Cached> eldest) {
              return size() > MOST_CACHED;
            }
          });
  private final Map<Integer, Integer> statuses = new ConcurrentHashMap<>();
  // What was asked last and how it ended, for whoever has to find out why a client stands still.
  private final Map<HttpExchange, String> open = new ConcurrentHashMap<>();
  private final Queue<String> lastly = new ConcurrentLinkedQueue<>();
  private volatile double refusing;
  private volatile Duration keeping = Duration.ZERO;
  private final AtomicInteger served = new AtomicInteger();

  /// An answered request for a shape.
  ///
  /// @param client the parameter `client` of its address
  record Seen(String method, String client, String offset, boolean live, boolean sse, int status) {}

  private record Cached(int status, Headers headers, ByteArrayOutputStream body, long until) {}

  private Intermediary(HttpServer server, String target, long seed) {
    this.server = server;
    this.target = target;
    this.random = new Random(seed);
  }

  static Intermediary before(String target, long seed) {
    try {
      Intermediary proxy =
          new Intermediary(
              HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0),
              target,
              seed);
      proxy.server.createContext("/", proxy::handle);
      proxy.server.setExecutor(proxy.executor);
      proxy.server.start();
      return proxy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /// Which part of the requests for shapes and Shape Tokens is answered with 429 or 503.
  void refuse(double part) {
    refusing = part;
  }

  /// For how long answers are given to whoever asks for the same address, whatever they say
  /// themselves.
  void keep(Duration time) {
    keeping = time;
  }

  List<Seen> seen(String client) {
    return seen.stream().filter(request -> request.client().equals(client)).toList();
  }

  /// How many answers of each status there were, and how many came from the cache.
  String summary() {
    return statuses + ", from the cache: " + served;
  }

  /// The requests under way and the last that ended, of any client.
  String lastly() {
    return "under way: "
        + String.join("\n  ", open.values())
        + "\nended: "
        + String.join("\n  ", lastly);
  }

  private void handle(HttpExchange exchange) throws IOException {
    String asked = exchange.getRequestMethod() + " " + exchange.getRequestURI();
    open.put(exchange, Instant.now() + " " + asked);
    try {
      answer(exchange);
    } finally {
      open.remove(exchange);
      lastly.add(Instant.now() + " " + exchange.getResponseCode() + " " + asked);
      if (lastly.size() > MOST_LASTLY) {
        lastly.poll();
      }
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    URI uri = exchange.getRequestURI();
    boolean shape = uri.getPath().equals("/shape");
    Map<String, String> query = shape ? query(uri) : Map.of();
    boolean sse = query.containsKey("live_sse");
    byte[] body = exchange.getRequestBody().readAllBytes();
    int status = 0;
    try {
      if (refused(uri)) {
        status = random.nextBoolean() ? 429 : 503;
        exchange.getResponseHeaders().set("retry-after", "1");
        answer(exchange, status, "{\"message\":\"Later\"}".getBytes(StandardCharsets.UTF_8));
        return;
      }
      boolean cacheable = shape && !sse && exchange.getRequestMethod().equals("GET");
      Cached cached = cacheable ? cache.get(uri.toString()) : null;
      if (cached != null && keeping.isPositive() && System.nanoTime() < cached.until()) {
        status = cached.status();
        served.incrementAndGet();
        exchange.getResponseHeaders().putAll(cached.headers());
        answer(exchange, status, cached.body().toByteArray());
        return;
      }
      HttpResponse<InputStream> response = client.send(request(exchange, body), streamed());
      status = response.statusCode();
      pass(exchange, response, cacheable && keeping.isPositive());
    } catch (InterruptedException e) {
      throw new IOException(e);
    } finally {
      if (shape) {
        statuses.merge(status, 1, Integer::sum);
        seen.add(
            new Seen(
                exchange.getRequestMethod(),
                query.getOrDefault("client", ""),
                query.getOrDefault("offset", ""),
                query.containsKey("live"),
                sse,
                status));
      }
    }
    exchange.close();
  }

  private boolean refused(URI uri) {
    return uri.getPath().startsWith("/shape") && random.nextDouble() < refusing;
  }

  private HttpRequest request(HttpExchange exchange, byte[] body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(target + exchange.getRequestURI()))
            .method(
                exchange.getRequestMethod(),
                body.length == 0
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(body));
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> {
          if (!OWN.contains(name.toLowerCase(Locale.ROOT))) {
            values.forEach(value -> request.header(name, value));
          }
        });
    return request.build();
  }

  private static HttpResponse.BodyHandler<InputStream> streamed() {
    return HttpResponse.BodyHandlers.ofInputStream();
  }

  /// An answer that breaks off breaks off here too: the exchange is not closed in order.
  private void pass(HttpExchange exchange, HttpResponse<InputStream> response, boolean kept)
      throws IOException {
    Headers headers = exchange.getResponseHeaders();
    response
        .headers()
        .map()
        .forEach((name, values) -> {
          boolean forbids = name.equals("cache-control") || name.equals("vary");
          if (!OWN.contains(name) && !name.startsWith(":") && !(kept && forbids)) {
            headers.put(name, values);
          }
        });
    int status = response.statusCode();
    ByteArrayOutputStream copy = new ByteArrayOutputStream();
    try (InputStream in = response.body()) {
      boolean empty = status == 204 || status == 304;
      exchange.sendResponseHeaders(status, empty ? -1 : 0);
      OutputStream out = exchange.getResponseBody();
      byte[] buffer = new byte[16 * 1024];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        out.write(buffer, 0, n);
        out.flush();
        if (kept) {
          copy.write(buffer, 0, n);
        }
      }
    }
    if (kept && (status == 200 || status == 409)) {
      Headers keptHeaders = new Headers();
      keptHeaders.putAll(headers);
      cache.put(
          exchange.getRequestURI().toString(),
          new Cached(status, keptHeaders, copy, System.nanoTime() + keeping.toNanos()));
    }
  }

  private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  private static Map<String, String> query(URI uri) {
    return List.of(uri.getRawQuery().split("&")).stream()
        .map(pair -> pair.split("=", 2))
        .collect(
            Collectors.toMap(pair -> pair[0], pair -> pair.length > 1 ? pair[1] : "", (a, _) -> a));
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
    client.shutdownNow();
  }
}
