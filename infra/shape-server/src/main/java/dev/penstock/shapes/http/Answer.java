package dev.penstock.shapes.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.LinkedHashMap;
import java.util.Map;
import reactor.core.publisher.Flux;

/// A response before it is written.
record Answer(int status, Map<String, String> headers, Body body) {
  /// The body, if there is one.
  sealed interface Body {
    /// Sent with its length. Two bodies are never compared.
    @SuppressWarnings("ArrayRecordComponent")
    record Whole(byte[] bytes) implements Body {}

    /// Sent piece by piece, each when the socket has taken the one before.
    ///
    /// @param unused to be called instead of subscribing
    record Pieces(Flux<byte[]> pieces, Runnable unused) implements Body {}
  }

  static Answer of(int status, String body) {
    return new Answer(status, new LinkedHashMap<>(), new Body.Whole(body.getBytes(UTF_8)));
  }

  static Answer json(int status, String body) {
    return of(status, body).with("content-type", "application/json; charset=utf-8");
  }

  static Answer whole(byte[] json) {
    return new Answer(200, new LinkedHashMap<>(), new Body.Whole(json))
        .with("content-type", "application/json; charset=utf-8");
  }

  static Answer pieces(Flux<byte[]> pieces, Runnable unused) {
    return new Answer(200, new LinkedHashMap<>(), new Body.Pieces(pieces, unused))
        .with("content-type", "application/json; charset=utf-8");
  }

  Answer with(String header, String value) {
    headers.put(header, value);
    return this;
  }

  Answer retryAfter(int seconds) {
    return with("retry-after", Integer.toString(seconds));
  }
}
