package dev.penstock.gateway.shape;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Tokens whose signature and claims were found good, at most so many at once. What time and
/// revocation change about them is not known here: who finds one asks for both.
///
/// Metrics: `penstock.gateway.tokens.kept`, and `penstock.gateway.tokens.checked` `by` `digest`
/// (found here) or `signature`.
final class VerifiedTokens {
  /// A live client polls at least every 20 s, so what it polls with stays.
  static final Duration KEPT_UNASKED = Duration.ofMinutes(2);

  private static final int MOST = 20_000;

  private final Cache<Digest, ShapeToken> tokens;
  private final Counter known;
  private final Counter unknown;

  VerifiedTokens(MeterRegistry meters) {
    this(MOST, Ticker.systemTicker(), meters);
  }

  VerifiedTokens(int most, Ticker ticker, MeterRegistry meters) {
    tokens =
        Caffeine.newBuilder()
            .maximumSize(most)
            .expireAfterAccess(KEPT_UNASKED)
            .ticker(ticker)
            // Who adds one makes room for it: else the bound would wait for a thread of the pool.
            .executor(Runnable::run)
            .build();
    known = meters.counter("penstock.gateway.tokens.checked", "by", "digest");
    unknown = meters.counter("penstock.gateway.tokens.checked", "by", "signature");
    meters.gauge("penstock.gateway.tokens.kept", this, VerifiedTokens::sizeNow);
  }

  /// SHA-256 of a token's text, whole: two texts with one digest cannot be found. It is smaller
  /// than the text, and how long a comparison with it takes says nothing about a token.
  record Digest(long first, long second, long third, long fourth) {
    static Digest of(String token) {
      ByteBuffer digest;
      try {
        digest =
            ByteBuffer.wrap(
                MessageDigest.getInstance("SHA-256")
                    .digest(token.getBytes(StandardCharsets.UTF_8)));
      } catch (NoSuchAlgorithmException impossible) {
        throw new IllegalStateException(impossible);
      }
      return new Digest(digest.getLong(), digest.getLong(), digest.getLong(), digest.getLong());
    }
  }

  @Nullable ShapeToken find(Digest digest) {
    ShapeToken token = tokens.getIfPresent(digest);
    (token == null ? unknown : known).increment();
    return token;
  }

  /// Keeps a token that was found good.
  ///
  /// @return the one that is kept: who verifies the same token at the same time gets the same
  ShapeToken keep(Digest digest, ShapeToken token) {
    ShapeToken earlier = tokens.asMap().putIfAbsent(digest, token);
    return earlier == null ? token : earlier;
  }

  void forget(Digest digest) {
    tokens.invalidate(digest);
  }

  long size() {
    return tokens.estimatedSize();
  }

  /// Where nobody asks, nobody drops what nobody asked with: then those who read the metric do.
  private long sizeNow() {
    tokens.cleanUp();
    return size();
  }
}
