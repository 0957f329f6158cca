package dev.penstock.answers.model;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import okhttp3.Call;
import okhttp3.Interceptor;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/// The HTTP calls to the provider, each known by a header that never leaves this process.
///
/// The SDKs close a stream only once its response has begun, and from a second thread; a call of
/// OkHttp can be cancelled at any time by anyone, which closes its connection.
final class ProviderCalls implements Interceptor {
  private static final String HEADER = "X-Penstock-Call";

  /// One call, from before its request until its end.
  final class Tracked {
    private final String id = UUID.randomUUID().toString();
    private @Nullable Call call;
    private boolean cancelled;
    private volatile int status;
    private volatile Duration retryAfter = Duration.ZERO;

    Map<String, String> headers() {
      return Map.of(HEADER, id);
    }

    /// Of the response, 0 where there is none.
    int status() {
      return status;
    }

    /// What the provider asked for, zero if nothing.
    Duration retryAfter() {
      return retryAfter;
    }

    private synchronized void began(Call started) throws IOException {
      if (cancelled) {
        throw new IOException("Canceled");
      }
      call = started;
    }

    private synchronized void cancel() {
      cancelled = true;
      if (call != null) {
        call.cancel();
      }
    }

    /// Ends the call, whatever it is at.
    void end() {
      tracked.remove(id);
      cancel();
    }
  }

  private final Map<String, Tracked> tracked = new ConcurrentHashMap<>();

  Tracked track() {
    Tracked call = new Tracked();
    tracked.put(call.id, call);
    return call;
  }

  @Override
  public Response intercept(Chain chain) throws IOException {
    String id = chain.request().header(HEADER);
    Tracked call = id == null ? null : tracked.get(id);
    if (call == null) {
      throw new IOException("Canceled");
    }
    call.began(chain.call());
    Response response = chain.proceed(chain.request().newBuilder().removeHeader(HEADER).build());
    call.retryAfter = retryAfter(response);
    call.status = response.code();
    return response;
  }

  private static Duration retryAfter(Response response) {
    try {
      String millis = response.header("retry-after-ms");
      if (millis != null) {
        return positive(Duration.ofMillis((long) Double.parseDouble(millis)));
      }
      String after = response.header("retry-after");
      if (after == null) {
        return Duration.ZERO;
      }
      return after.matches("[0-9.]+")
          ? Duration.ofMillis((long) (Double.parseDouble(after) * 1_000))
          : positive(
              Duration.between(
                  Instant.now(),
                  ZonedDateTime.parse(after, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant()));
    } catch (NumberFormatException | DateTimeParseException e) {
      return Duration.ZERO;
    }
  }

  private static Duration positive(Duration duration) {
    return duration.isNegative() ? Duration.ZERO : duration;
  }
}
