package dev.penstock.gateway.limit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/// The limits of users and addresses, with a metric for each: `penstock.gateway.refused`.
public final class RequestLimits {
  private final LimitSettings settings;
  private final TokenBuckets users;
  private final TokenBuckets addresses;
  private final HeldRequests heldByUser;
  private final HeldRequests heldByAddress;
  private final AtomicInteger held = new AtomicInteger();
  private final MeterRegistry meters;

  public RequestLimits(LimitSettings settings, MeterRegistry meters) {
    this.settings = settings;
    this.meters = meters;
    users = new TokenBuckets(settings.user(), settings.table(), System::nanoTime);
    addresses = new TokenBuckets(settings.address(), settings.table(), System::nanoTime);
    heldByUser = new HeldRequests(settings.heldPerUser());
    heldByAddress = new HeldRequests(settings.heldPerAddress());
    meters.gauge("penstock.gateway.held", held);
    meters.gauge("penstock.gateway.limits.users", users, TokenBuckets::size);
    meters.gauge("penstock.gateway.limits.addresses", addresses, TokenBuckets::size);
  }

  /// Counts a request of a user.
  ///
  /// @return empty where it may pass
  public Optional<Refused> ofUser(String user) {
    return refused("user-rate", "Too many requests of this user, please retry", users.take(user));
  }

  Optional<Refused> ofAddress(String address) {
    return refused(
        "address-rate",
        "Too many requests from this address, please retry",
        addresses.take(address));
  }

  private Optional<Refused> refused(String limit, String message, Duration after) {
    return after.isZero()
        ? Optional.empty()
        : Optional.of(refuse(limit, 429, "rate_limit_exceeded", message, after));
  }

  /// Counts a poll or stream as under way; where it may be, [#leave] takes it back.
  ///
  /// @return empty where it may be
  public Optional<Refused> enter(String user, String address) {
    if (held.incrementAndGet() > settings.held()) {
      held.decrementAndGet();
      return Optional.of(
          refuse(
              "held",
              503,
              "concurrent_request_limit_exceeded",
              "Concurrent request limit exceeded (limit: %d), please retry"
                  .formatted(settings.held()),
              // As Electric spreads those it turns away.
              Duration.ofSeconds(ThreadLocalRandom.current().nextInt(6, 11))));
    }
    if (!heldByUser.enter(user)) {
      held.decrementAndGet();
      return Optional.of(tooManyHeld("user-held", "of this user", settings.heldPerUser()));
    }
    if (!heldByAddress.enter(address)) {
      heldByUser.leave(user);
      held.decrementAndGet();
      return Optional.of(
          tooManyHeld("address-held", "from this address", settings.heldPerAddress()));
    }
    return Optional.empty();
  }

  public void leave(String user, String address) {
    heldByAddress.leave(address);
    heldByUser.leave(user);
    held.decrementAndGet();
  }

  private Refused tooManyHeld(String limit, String whose, int most) {
    return refuse(
        limit,
        429,
        "concurrent_request_limit_exceeded",
        "Concurrent requests %s exceed their limit (%d), please retry".formatted(whose, most),
        Duration.ofSeconds(ThreadLocalRandom.current().nextInt(3, 6)));
  }

  /// Counts a request as refused for its form or size.
  public void malformed(String limit) {
    counter(limit).increment();
  }

  private Refused refuse(String limit, int status, String code, String message, Duration after) {
    counter(limit).increment();
    return new Refused(status, code, message, after);
  }

  private Counter counter(String limit) {
    return meters.counter("penstock.gateway.refused", "limit", limit);
  }
}
