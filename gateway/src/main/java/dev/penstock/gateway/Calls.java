package dev.penstock.gateway;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.PathContainer;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/// The calls that need an Auth Token. No other path and no other method goes through.
final class Calls {
  /// The gateway's own and the command-service's, by the pattern of their path.
  static final Map<String, Set<HttpMethod>> ALL = all();

  /// The most specific pattern first: `/dead-letters/retry` is not an id.
  private static final Map<PathPattern, Set<HttpMethod>> PATTERNS = patterns();

  private Calls() {}

  static boolean isOne(ServerHttpRequest request) {
    return methods(request).contains(request.getMethod());
  }

  /// What may be done at the request's path; empty where there is nothing.
  static Set<HttpMethod> methods(ServerHttpRequest request) {
    PathContainer path = request.getPath().pathWithinApplication();
    for (var call : PATTERNS.entrySet()) {
      if (call.getKey().matches(path)) {
        return call.getValue();
      }
    }
    return Set.of();
  }

  private static Map<String, Set<HttpMethod>> all() {
    Map<String, Set<HttpMethod>> calls = new TreeMap<>();
    calls.put("/shapes/auth-token", Set.of(HttpMethod.POST));
    calls.put("/revocations", Set.of(HttpMethod.POST));
    for (CommandRoute route : CommandRoute.ALL) {
      calls.computeIfAbsent(route.pattern(), _ -> new TreeSet<>()).add(route.method());
    }
    return Map.copyOf(calls);
  }

  private static Map<PathPattern, Set<HttpMethod>> patterns() {
    Map<PathPattern, Set<HttpMethod>> patterns = new TreeMap<>();
    ALL.forEach((pattern, methods) ->
        patterns.put(PathPatternParser.defaultInstance.parse(pattern), methods));
    return patterns;
  }
}
