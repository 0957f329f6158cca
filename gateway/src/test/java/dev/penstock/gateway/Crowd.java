package dev.penstock.gateway;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

/// Many clients of one gateway, each with a connection of its own while it has a request.
final class Crowd implements AutoCloseable {
  private final ConnectionProvider connections =
      ConnectionProvider.builder("crowd").maxConnections(20_000).pendingAcquireMaxCount(-1).build();
  private final HttpClient client;

  Crowd(int port) {
    client = HttpClient.create(connections).host("127.0.0.1").port(port).disableRetry(true);
  }

  /// An answer, whole.
  record Got(int status, String offset, String retryAfter, String body) {}

  Mono<Got> get(String pathAndQuery, String token, String... header) {
    return client
        .headers(headers -> {
          headers.set("Authorization", "Bearer " + token);
          for (int i = 0; i < header.length; i += 2) {
            headers.set(header[i], header[i + 1]);
          }
        })
        .get()
        .uri(pathAndQuery)
        .responseSingle((response, body) ->
            body.asString()
                .defaultIfEmpty("")
                .map(text ->
                    new Got(
                        response.status().code(),
                        response.responseHeaders().get("electric-offset", ""),
                        response.responseHeaders().get("retry-after", ""),
                        text)));
  }

  CompletableFuture<Got> start(String pathAndQuery, String token, String... header) {
    return run(get(pathAndQuery, token, header));
  }

  /// Begins; who cancels it hangs up.
  static <T> CompletableFuture<T> run(Mono<T> request) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    Disposable running = request.subscribe(answer::complete, answer::completeExceptionally);
    var _ = answer.whenComplete((_, _) -> running.dispose());
    return answer;
  }

  static List<Got> all(List<CompletableFuture<Got>> answers) {
    return answers.stream().map(CompletableFuture::join).toList();
  }

  @Override
  public void close() {
    connections.disposeLater().block();
  }
}
