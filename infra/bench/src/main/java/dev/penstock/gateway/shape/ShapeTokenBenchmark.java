package dev.penstock.gateway.shape;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// A Shape Token's verification: its form, its signature, its claims.
@State(Scope.Benchmark)
public class ShapeTokenBenchmark {
  private final ShapeTokens tokens =
      new ShapeTokens(
          new SigningKeys(List.of("k1:a-shape-secret-of-more-than-32-bytes!")),
          Duration.ofHours(1),
          Clock.systemUTC());
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
  public Object verify() throws Exception {
    return tokens.verify(token);
  }
}
