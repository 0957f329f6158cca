package dev.penstock.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jwt.JWTClaimsSet;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.springframework.security.oauth2.jose.jws.MacAlgorithm;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;

class VerifiedTokensTest {
  private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");
  private static final int MOST = 20;

  private final AtomicReference<Instant> now = new AtomicReference<>(NOW);
  private final AtomicLong nanos = new AtomicLong();
  private final AtomicInteger verified = new AtomicInteger();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final VerifiedTokens tokens = tokens();

  @Test
  void aTokenIsVerifiedOnceAndReadTheSame() {
    String token = token("alice");

    assertThat(tokens.decode(token).getSubject()).isEqualTo("alice");
    assertThat(tokens.decode(token).getSubject()).isEqualTo("alice");
    assertThat(tokens.decode(token("bob")).getSubject()).isEqualTo("bob");

    assertThat(verified).hasValue(2);
    assertThat(kept()).isEqualTo(2);
  }

  @Test
  void aTokenThatEndsWhileItIsKeptIsRefused() {
    String token = token("alice");
    var _ = tokens.decode(token);

    now.set(NOW.plusSeconds(600));
    assertThat(tokens.decode(token)).isNotNull();
    now.set(NOW.plusSeconds(601));

    assertThatThrownBy(() -> tokens.decode(token)).isInstanceOf(JwtException.class);
    assertThat(verified).hasValue(1);
    assertThat(kept()).isZero();
  }

  @Test
  void aSignatureIsVerifiedAgainAfterAMinuteHoweverOftenItIsAsked() {
    String token = token("alice");
    for (int second = 0; second < 60; second += 20) {
      var _ = tokens.decode(token);
      nanos.addAndGet(Duration.ofSeconds(20).toNanos());
    }
    assertThat(verified).hasValue(1);

    var _ = tokens.decode(token);

    assertThat(verified).hasValue(2);
  }

  @Test
  void forgedTokensAreVerifiedEachTimeAndNotKept() {
    String good = token("alice");
    var _ = tokens.decode(good);
    String forged = good.substring(0, good.length() - 4) + "AAAA";

    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> tokens.decode(forged)).isInstanceOf(JwtException.class);
    }

    assertThat(verified).hasValue(4);
    assertThat(kept()).isEqualTo(1);
  }

  @Test
  void noMoreAreKeptThanTheBound() {
    for (int user = 0; user < 5 * MOST; user++) {
      var _ = tokens.decode(token("user-" + user));
      assertThat(kept()).isLessThanOrEqualTo(MOST);
    }

    assertThat(kept()).isEqualTo(MOST);
  }

  private double kept() {
    return meters.get("penstock.command.tokens.kept").gauge().value();
  }

  private VerifiedTokens tokens() {
    JwtTimestampValidator validator = new JwtTimestampValidator(Duration.ZERO);
    InstantSource source = now::get;
    validator.setClock(source.withZone(ZoneOffset.UTC));
    NimbusJwtDecoder decoder =
        NimbusJwtDecoder.withSecretKey(AuthTokens.secret(CommandServer.SECRET, JWSAlgorithm.HS256))
            .macAlgorithm(MacAlgorithm.HS256)
            .build();
    decoder.setJwtValidator(validator);
    return new VerifiedTokens(
        token -> {
          verified.incrementAndGet();
          return decoder.decode(token);
        },
        validator,
        meters,
        MOST,
        nanos::get);
  }

  private static String token(String owner) {
    return CommandServer.token(
        JWSAlgorithm.HS256,
        CommandServer.SECRET,
        new JWTClaimsSet.Builder()
            .subject(owner)
            .expirationTime(Date.from(NOW.plusSeconds(600)))
            .build());
  }
}
