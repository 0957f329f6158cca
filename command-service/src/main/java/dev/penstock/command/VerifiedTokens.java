package dev.penstock.command;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2TokenValidatorResult;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtValidationException;

/// Verifies a token's signature once a minute, and its claims each time: a caller asks with the
/// same token again and again. Refused tokens are not kept.
///
/// Metric: `penstock.command.tokens.kept`.
final class VerifiedTokens implements JwtDecoder {
  /// So much longer than elsewhere does a key count that its issuer has withdrawn.
  static final Duration KEPT = Duration.ofMinutes(1);

  private static final int MOST = 5_000;

  private final JwtDecoder decoder;
  private final OAuth2TokenValidator<Jwt> validator;
  private final Cache<String, Jwt> kept;

  /// @param decoder which validates what it decodes by `validator`
  VerifiedTokens(JwtDecoder decoder, OAuth2TokenValidator<Jwt> validator, MeterRegistry meters) {
    this(decoder, validator, meters, MOST, Ticker.systemTicker());
  }

  VerifiedTokens(
      JwtDecoder decoder,
      OAuth2TokenValidator<Jwt> validator,
      MeterRegistry meters,
      int most,
      Ticker ticker) {
    this.decoder = decoder;
    this.validator = validator;
    kept =
        Caffeine.newBuilder()
            .maximumSize(most)
            .expireAfterWrite(KEPT)
            .ticker(ticker)
            // Who adds one makes room for it: else the bound would wait for a thread of the pool.
            .executor(Runnable::run)
            .build();
    meters.gauge("penstock.command.tokens.kept", kept, VerifiedTokens::sizeNow);
  }

  @Override
  public Jwt decode(String token) {
    Jwt known = kept.getIfPresent(token);
    if (known == null) {
      Jwt verified = decoder.decode(token);
      kept.put(token, verified);
      return verified;
    }
    OAuth2TokenValidatorResult result = validator.validate(known);
    if (result.hasErrors()) {
      kept.invalidate(token);
      throw new JwtValidationException("no longer valid", result.getErrors());
    }
    return known;
  }

  /// Where nobody asks, nobody drops what is old: then those who read the metric do.
  private static double sizeNow(Cache<String, Jwt> kept) {
    kept.cleanUp();
    return kept.estimatedSize();
  }
}
