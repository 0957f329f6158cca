package dev.penstock.gateway.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

class ProviderKeysTest {
  private static final ECKey ONE = key("one");
  private static final ECKey TWO = key("two");

  private final AtomicLong now = new AtomicLong();
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicReference<List<JWK>> published = new AtomicReference<>(List.of(ONE));
  private final ProviderKeys keys =
      new ProviderKeys(
          Mono.defer(() -> {
            requests.incrementAndGet();
            List<JWK> set = published.get();
            return set.isEmpty()
                ? Mono.error(new ProviderUnavailableException("down"))
                : Mono.just(set);
          }),
          now::get);

  @Test
  void publishedKeyIsFoundByTheFirstTokenThatNamesIt() {
    assertThat(of("one")).containsExactly(ONE);
    published.set(List.of(ONE, TWO));

    assertThat(of("two")).containsExactly(TWO);
    assertThat(of("one")).containsExactly(ONE);
    assertThat(requests).hasValue(2);
  }

  @Test
  void withdrawnKeyIsForgottenWithinMinutes() {
    assertThat(of("one")).containsExactly(ONE);
    published.set(List.of(TWO));

    pass(Duration.ofMinutes(5));

    assertThat(of("one")).isEmpty();
    assertThat(of("two")).containsExactly(TWO);
  }

  @Test
  void providerThatIsDownLocksNoKnownKeyOutAndLetsNoOtherIn() {
    assertThat(of("one")).containsExactly(ONE);
    published.set(List.of());
    pass(Duration.ofDays(1));

    for (int i = 0; i < 20; i++) {
      assertThat(of("one")).containsExactly(ONE);
      pass(Duration.ofSeconds(1));
    }
    assertThatThrownBy(() -> of("two")).isInstanceOf(ProviderUnavailableException.class);
    assertThat(requests).hasValueLessThan(10);
  }

  @Test
  void providerThatWasNeverThereLetsNobodyInUntilItIs() {
    published.set(List.of());
    assertThatThrownBy(() -> of("one")).isInstanceOf(ProviderUnavailableException.class);

    published.set(List.of(ONE));

    assertThat(of("one")).containsExactly(ONE);
  }

  @Test
  void inventedKeyIdsCostTheProviderAFewRequests() {
    for (int i = 0; i < 1_000; i++) {
      assertThat(of("invented-" + i)).isEmpty();
      pass(Duration.ofMillis(10));
    }

    assertThat(requests).hasValueLessThanOrEqualTo(6);
    assertThat(of("one")).containsExactly(ONE);
  }

  @Test
  void tokenWithoutAKeyIdMayBeOfAnyKey() {
    published.set(List.of(ONE, TWO));

    assertThat(keys.of(token(null)).collectList().block()).containsExactly(ONE, TWO);
  }

  private List<JWK> of(String id) {
    List<JWK> found = keys.of(token(id)).collectList().block();
    return found == null ? List.of() : found;
  }

  private static SignedJWT token(@Nullable String id) {
    return new SignedJWT(
        new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(id).build(),
        new JWTClaimsSet.Builder().build());
  }

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  private static ECKey key(String id) {
    try {
      return new ECKeyGenerator(Curve.P_256).keyID(id).generate();
    } catch (JOSEException failed) {
      throw new IllegalStateException(failed);
    }
  }
}
