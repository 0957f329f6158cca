package dev.penstock.gateway.shape;

import com.github.benmanes.caffeine.cache.Ticker;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// A Shape Token's verification: the first time its form, its signature and its claims, later its
/// digest and its end.
@State(Scope.Benchmark)
public class ShapeTokenBenchmark {
  private final ShapeTokens tokens = tokens(1);
  private final ShapeTokens forgetful = tokens(0);
  private final String token =
      tokens
          .mint(
              new Login("alice", "login", Instant.now(), Instant.now().plusSeconds(3_600)),
              new ShapeDefinition(
                  "messages",
                  List.of("id", "conversation_id", "role", "status", "content"),
                  List.of("id"),
                  "conversation_id = $1",
                  new TreeMap<>(Map.of(1, "11111111-1111-1111-1111-111111111111")),
                  "default"),
              List.of("conversation:11111111-1111-1111-1111-111111111111"),
              Instant.now())
          .token();

  @Benchmark
  public Object verifyFirst() throws Exception {
    return forgetful.verify(token);
  }

  @Benchmark
  public Object verifyAgain() throws Exception {
    return tokens.verify(token);
  }

  private static ShapeTokens tokens(int kept) {
    return new ShapeTokens(
        new SigningKeys(List.of("k1:a-shape-secret-of-more-than-32-bytes!")),
        Duration.ofHours(1),
        Clock.systemUTC(),
        new VerifiedTokens(kept, Ticker.systemTicker(), new SimpleMeterRegistry()));
  }
}
