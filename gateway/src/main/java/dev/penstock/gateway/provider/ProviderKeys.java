package dev.penstock.gateway.provider;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jwt.SignedJWT;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/// A provider's key set, kept and asked for again when it is old or when a token names a key that
/// it does not have.
///
/// Rotation: the provider publishes a key before or when it begins to sign with it, so the first
/// token with it makes the set be asked for; a key that is withdrawn is good until the set is old.
public final class ProviderKeys {
  private static final Logger LOG = LoggerFactory.getLogger(ProviderKeys.class);
  private static final Duration OLD = Duration.ofMinutes(5);

  // At most five requests at once, and one more each ten seconds: whoever invents key ids buys no
  // more. One right after the other would serve as well, but not when a key is published between.
  private static final int BURST = 5;
  private static final Duration REFILL = Duration.ofSeconds(10);

  private final Mono<List<JWK>> source;
  private final LongSupplier nanos;

  private @Nullable List<JWK> known;
  private boolean failing;
  private long fetchedAt;
  private double requests = BURST;
  private long refilledAt;
  private @Nullable Mono<List<JWK>> running;

  /// @param source asks the provider, once for each subscription
  /// @param nanos the time, as [System#nanoTime]
  public ProviderKeys(Mono<List<JWK>> source, LongSupplier nanos) {
    this.source = source;
    this.nanos = nanos;
    this.refilledAt = nanos.getAsLong();
  }

  /// Keys that may have signed the token; fails with [ProviderUnavailableException] where the
  /// provider would have to be asked and cannot be.
  public Flux<JWK> of(SignedJWT token) {
    return Flux.defer(() -> of(token.getHeader().getKeyID()));
  }

  private synchronized Flux<JWK> of(@Nullable String id) {
    List<JWK> keys = known;
    if (keys != null && nanos.getAsLong() - fetchedAt < OLD.toNanos()) {
      List<JWK> matching = matching(keys, id);
      if (!matching.isEmpty()) {
        return Flux.fromIterable(matching);
      }
    }
    Mono<List<JWK>> fetched =
        fetch()
            .orElse(
                keys == null || failing
                    ? Mono.error(new ProviderUnavailableException())
                    : Mono.empty());
    List<JWK> before = keys == null ? List.of() : matching(keys, id);
    return fetched
        .defaultIfEmpty(keys == null ? List.of() : keys)
        .map(now -> matching(now, id))
        // A key that is known stays good while the provider is away; another cannot be judged.
        .onErrorResume(failure ->
            before.isEmpty()
                ? Mono.error(new ProviderUnavailableException(failure))
                : Mono.just(before))
        .flatMapMany(Flux::fromIterable);
  }

  /// The request under way or a new one; empty where there may be none now.
  private Optional<Mono<List<JWK>>> fetch() {
    Mono<List<JWK>> shared = running;
    if (shared != null) {
      return Optional.of(shared);
    }
    long now = nanos.getAsLong();
    requests = Math.min(BURST, requests + (double) (now - refilledAt) / REFILL.toNanos());
    refilledAt = now;
    if (requests < 1) {
      return Optional.empty();
    }
    requests--;
    Mono<List<JWK>> one =
        source.doOnNext(this::took).doOnError(this::failed).doFinally(_ -> done()).cache();
    running = one;
    // Goes on whoever hangs up; its errors reach those who wait.
    var _ = one.onErrorComplete().subscribe();
    return Optional.of(one);
  }

  private synchronized void took(List<JWK> keys) {
    known = keys;
    failing = false;
    fetchedAt = nanos.getAsLong();
  }

  private synchronized void failed(Throwable failure) {
    failing = true;
    LOG.atWarn()
        .addKeyValue("cause", String.valueOf(failure))
        .log("the keys of Auth Tokens cannot be had");
  }

  private synchronized void done() {
    running = null;
  }

  private static List<JWK> matching(List<JWK> keys, @Nullable String id) {
    return id == null ? keys : keys.stream().filter(key -> id.equals(key.getKeyID())).toList();
  }
}
