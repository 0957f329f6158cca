package dev.penstock.gateway.revocation;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// What is revoked, and the requests under way that a revocation ends.
public final class Revocations {
  private final ConcurrentMap<String, Instant> revokedAt = new ConcurrentHashMap<>();
  private final Set<OpenRequest> open = ConcurrentHashMap.newKeySet();
  private final Duration retention;
  private final int most;
  private final Clock clock;

  /// @param retention after which a revocation is forgotten; no token may live longer
  /// @param most revocations that are kept; with more of them nothing can be trusted any more
  public Revocations(Duration retention, int most, Clock clock, MeterRegistry meters) {
    this.retention = retention;
    this.most = most;
    this.clock = clock;
    meters.gauge("penstock.gateway.revocations", this, Revocations::size);
  }

  /// A request that ends with its token's revocation. Both are compared by identity.
  public interface OpenRequest {
    Grant grant();

    /// Sends nothing more. May be called from any thread, and more than once.
    void end();
  }

  /// Whether a token is revoked. One that was issued in the second of the revocation is: tokens do
  /// not say when in it.
  public boolean cover(Grant grant) {
    return covers(grant.login(), grant.loginAt()) || covers(grant.things(), grant.issuedAt());
  }

  private boolean covers(List<String> keys, Instant issuedAt) {
    for (String key : keys) {
      Instant at = revokedAt.get(key);
      if (at != null && !issuedAt.isAfter(at)) {
        return true;
      }
    }
    return false;
  }

  /// To be called before [#cover], so that no revocation falls between them.
  public void opened(OpenRequest request) {
    open.add(request);
  }

  public void closed(OpenRequest request) {
    open.remove(request);
  }

  /// Takes a revocation over and ends what it covers; an older one than is known changes nothing.
  public void revoke(String key, Instant at) {
    if (at.isBefore(clock.instant().minus(retention))) {
      return;
    }
    revokedAt.merge(key, at, (known, given) -> given.isAfter(known) ? given : known);
    for (OpenRequest request : open) {
      if (cover(request.grant())) {
        request.end();
      }
    }
  }

  /// Forgets what no living token can be older than.
  void forgetOld() {
    Instant oldest = clock.instant().minus(retention);
    revokedAt.values().removeIf(at -> at.isBefore(oldest));
  }

  boolean isFull() {
    return revokedAt.size() > most;
  }

  int size() {
    return revokedAt.size();
  }

  int openRequests() {
    return open.size();
  }
}
