package dev.penstock.shapes;

import java.net.URI;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.netty.DisposableServer;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;

/// Passes every request to another server than the one before: the least that a load balancer does.
final class RoundRobin implements AutoCloseable {
  private final AtomicInteger requests = new AtomicInteger();
  private final HttpClient http = HttpClient.create();
  private final DisposableServer server;

  RoundRobin(List<Client> behind) {
    server =
        HttpServer.create()
            .host("127.0.0.1")
            .port(0)
            .handle((request, response) -> {
              Client next = behind.get(requests.getAndIncrement() % behind.size());
              return http.headers(headers -> headers.set(request.requestHeaders()).remove("host"))
                  .request(request.method())
                  .uri(URI.create(next.base() + request.uri()))
                  .send(request.receive().retain())
                  .response((answer, body) -> {
                    response.status(answer.status());
                    answer
                        .responseHeaders()
                        .forEach(h -> response.addHeader(h.getKey(), h.getValue()));
                    return response.send(body.retain(), bytes -> true);
                  })
                  .onErrorResume(_ -> response.status(502).send());
            })
            .bindNow();
  }

  String base() {
    return "http://127.0.0.1:" + server.port();
  }

  int requests() {
    return requests.get();
  }

  @Override
  public void close() {
    server.disposeNow();
  }
}
