package dev.penstock.local;

import java.net.http.HttpResponse;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;

/// A live client of one conversation's messages, which notes when it saw each txid.
final class LiveShape implements AutoCloseable {
  private final Map<Long, Long> seen = new ConcurrentHashMap<>();
  private final Set<UUID> completed = ConcurrentHashMap.newKeySet();
  private final Thread thread;
  private volatile boolean closed;

  LiveShape(Api api, UUID conversation) {
    String token = api.shapeToken(conversation);
    HttpResponse<String> snapshot = api.shape(token, "offset=-1");
    String handle = snapshot.headers().firstValue("electric-handle").orElseThrow();
    String first = snapshot.headers().firstValue("electric-offset").orElseThrow();
    thread = Thread.ofVirtual().start(() -> follow(api, token, handle, first));
  }

  private void follow(Api api, String token, String handle, String first) {
    try {
      read(api, token, handle, first);
    } catch (IllegalStateException e) {
      if (!closed) {
        throw e;
      }
    }
  }

  private void read(Api api, String token, String handle, String first) {
    String offset = first;
    while (!closed) {
      HttpResponse<String> live =
          api.shape(token, "offset=%s&handle=%s&live=true&cursor=".formatted(offset, handle));
      long at = micros();
      offset = live.headers().firstValue("electric-offset").orElse(offset);
      if (live.statusCode() == 200) {
        for (JsonNode message : Api.JSON.readTree(live.body())) {
          message
              .at("/headers/txids")
              .valueStream()
              .forEach(txid -> seen.putIfAbsent(txid.asLong(), at));
          if (message.at("/value/status").asString("").equals("completed")) {
            completed.add(UUID.fromString(message.at("/value/id").asString()));
          }
        }
      }
    }
  }

  /// Microseconds since 1970.
  static long micros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  /// Microseconds since 1970, by txid.
  Map<Long, Long> seen() {
    return seen;
  }

  /// The messages that were seen to be completed.
  Set<UUID> completed() {
    return completed;
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
