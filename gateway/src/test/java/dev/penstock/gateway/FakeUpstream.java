package dev.penstock.gateway;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/// A real HTTP server that records what it is asked and answers what a test tells it to.
final class FakeUpstream implements AutoCloseable {
  static final String UP_TO_DATE =
      "[{\"headers\":{\"control\":\"up-to-date\",\"global_last_seen_lsn\":\"29205144\"}}]";

  private final DisposableServer server;
  private final List<Received> received = new CopyOnWriteArrayList<>();
  private final AtomicInteger open = new AtomicInteger();
  private volatile Behaviour behaviour = FakeUpstream::live;

  /// How it answers, after the body was read.
  interface Behaviour {
    Publisher<Void> answer(Received request, HttpServerResponse response);
  }

  record Received(String method, String uri, Map<String, String> headers, String body) {
    String path() {
      return uri.contains("?") ? uri.substring(0, uri.indexOf('?')) : uri;
    }

    Map<String, List<String>> query() {
      return Queries.decode(uri.contains("?") ? uri.substring(uri.indexOf('?') + 1) : "");
    }
  }

  FakeUpstream() {
    this.server =
        HttpServer.create()
            .host("127.0.0.1")
            .port(0)
            .httpRequestDecoder(spec -> spec.maxInitialLineLength(100_000))
            .handle(this::handle)
            .bindNow();
  }

  String url() {
    return "http://127.0.0.1:" + port();
  }

  int port() {
    return server.port();
  }

  List<Received> received() {
    return received;
  }

  /// Requests that are being answered.
  int open() {
    return open.get();
  }

  void answerWith(Behaviour behaviour) {
    this.behaviour = behaviour;
    received.clear();
  }

  void answerAsLive() {
    answerWith(FakeUpstream::live);
  }

  /// An answer as a real Electric 1.7.12 gives it.
  static Publisher<Void> live(Received request, HttpServerResponse response) {
    return json(
        response
            .status(200)
            .header("electric-handle", "54321-1763")
            .header("electric-offset", "0_inf")
            .header("electric-schema", "{\"id\":{\"type\":\"uuid\"}}")
            .header("electric-up-to-date", "")
            .header("electric-has-data", "true")
            .header("electric-server", "ElectricSQL/1.7.12")
            .header("etag", "\"54321-1763:-1:0_inf\"")
            .header("cache-control", "public, max-age=60, stale-while-revalidate=300")
            .header("surrogate-control", "no-store")
            .header("x-request-id", "internal-7")
            .header("access-control-allow-origin", "*"),
        UP_TO_DATE);
  }

  static Publisher<Void> json(HttpServerResponse response, String body) {
    return response
        .header("content-type", "application/json; charset=utf-8")
        .sendByteArray(Mono.just(body.getBytes(StandardCharsets.UTF_8)));
  }

  private Publisher<Void> handle(HttpServerRequest request, HttpServerResponse response) {
    open.incrementAndGet();
    Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    request.requestHeaders().forEach(header -> headers.put(header.getKey(), header.getValue()));
    return request
        .receive()
        .aggregate()
        .asString()
        .defaultIfEmpty("")
        .flatMap(body -> {
          Received one = new Received(request.method().name(), request.uri(), headers, body);
          received.add(one);
          return Mono.from(behaviour.answer(one, response));
        })
        .doFinally(_ -> open.decrementAndGet());
  }

  @Override
  public void close() {
    server.disposeNow();
  }
}
