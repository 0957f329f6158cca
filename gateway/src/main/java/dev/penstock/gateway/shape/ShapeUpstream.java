package dev.penstock.gateway.shape;

import dev.penstock.gateway.collapse.Collapse;
import dev.penstock.gateway.http.Upstream;
import io.netty.channel.Channel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.buffer.DataBuffer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/// The shape server behind the gateway, an Electric or our own: the one place that calls it.
/// Requests arrive here authorised and stripped of who asked, so equal ones become one.
public final class ShapeUpstream {
  private static final Logger LOG = LoggerFactory.getLogger(ShapeUpstream.class);

  private final Collapse server;
  private final String url;
  private final String secret;
  private final Duration reuse;

  /// @param url base of the server, without `/v1/shape`
  /// @param secret its API secret, empty for none; never logged nor sent to a client
  /// @param reuse how long a live answer is given to equal requests at most
  public ShapeUpstream(Collapse server, String url, String secret, Duration reuse) {
    this.server = server;
    this.url = url.replaceAll("/+$", "") + "/v1/shape?";
    this.secret = secret.isEmpty() ? "" : "&secret=" + ShapeRequest.encode(secret);
    this.reuse = reuse;
  }

  /// Sends the request, or joins one that equals it.
  ///
  /// @param client where the answer is written to
  /// @param reader names the client over several requests
  Mono<Void> fetch(
      ShapeRequest request,
      ShapeQuery query,
      Channel client,
      String reader,
      BiFunction<Upstream.Head, Flux<DataBuffer>, Mono<Void>> answer) {
    Map<String, String> headers = new HashMap<>();
    if (request.method().equals("POST")) {
      headers.put("content-type", "application/json");
    }
    if (!request.ifNoneMatch().isEmpty()) {
      headers.put("if-none-match", request.ifNoneMatch());
    }
    return server.fetch(
        new Collapse.Question(
            request,
            // A stream that has begun cannot be joined, and Electric starts each at its own offset.
            !query.sse(),
            new Upstream.Request(
                request.method(),
                url + request.query() + secret,
                headers,
                StandardCharsets.UTF_8.encode(request.body())),
            head -> arrived(head, request, query)),
        client,
        reader,
        answer);
  }

  /// A live answer is whole, final for its URL (the next poll has another offset or cursor) and
  /// Electric itself lets caches share it for 5 s. It serves those who come a moment too late, so
  /// that a change costs one request and not one per straggler. Any other answer is shared only
  /// while it comes: a snapshot is not to be older than the wish for it.
  private Duration arrived(Upstream.Head head, ShapeRequest request, ShapeQuery query) {
    if (!ShapeAnswer.passes(head.status(), request)) {
      LOG.atError()
          .addKeyValue("status", head.status())
          .log("the shape server gave an answer that cannot pass");
      return Duration.ZERO;
    }
    boolean reusable =
        request.method().equals("GET")
            && query.live()
            && (head.status() == 200
                || (head.status() == 409 && head.headers().contains("electric-handle")));
    Duration declared = reusable ? ShapeAnswer.sharedLife(head) : Duration.ZERO;
    return declared.compareTo(reuse) < 0 ? declared : reuse;
  }
}
