package dev.penstock.gateway.limit;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.reactive.ServerHttpRequest;

/// Whose address counts for a request.
public final class ClientAddress {
  private final int trustedProxies;

  /// @param trustedProxies in front of the gateway, each of which adds the address that it sees to
  ///   `X-Forwarded-For`; what stands there before is the client's own word
  public ClientAddress(int trustedProxies) {
    this.trustedProxies = trustedProxies;
  }

  public String of(ServerHttpRequest request) {
    if (trustedProxies > 0) {
      List<String> hops =
          request.getHeaders().getOrEmpty("X-Forwarded-For").stream()
              .flatMap(line -> Arrays.stream(line.split(",", -1)))
              .map(String::strip)
              .toList();
      if (hops.size() >= trustedProxies) {
        String hop = hops.get(hops.size() - trustedProxies);
        return hop.length() > 64 ? hop.substring(0, 64) : network(hop);
      }
    }
    @Nullable InetSocketAddress remote = request.getRemoteAddress();
    return remote == null || remote.getAddress() == null ? "unknown" : name(remote.getAddress());
  }

  private static String network(String literal) {
    try {
      // Only a literal is parsed; nothing is looked up.
      return name(InetAddress.ofLiteral(literal));
    } catch (IllegalArgumentException noAddress) {
      return literal;
    }
  }

  /// Of IPv6 the /64: one subscriber has all of it.
  private static String name(InetAddress address) {
    return address instanceof Inet6Address six
        ? HexFormat.of().formatHex(six.getAddress(), 0, 8)
        : address.getHostAddress();
  }
}
