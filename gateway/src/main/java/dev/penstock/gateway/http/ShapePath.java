package dev.penstock.gateway.http;

import java.util.List;
import org.springframework.http.server.PathContainer;
import org.springframework.http.server.reactive.ServerHttpRequest;

/// The one path that does not go through Spring's chain.
final class ShapePath {
  private ShapePath() {}

  /// Whether it is `/shape`, however its letters are spelled, and nothing but that.
  static boolean is(ServerHttpRequest request) {
    List<PathContainer.Element> path = request.getPath().pathWithinApplication().elements();
    return path.size() == 2
        && path.get(1) instanceof PathContainer.PathSegment segment
        && segment.valueToMatch().equals("shape")
        && segment.parameters().isEmpty();
  }
}
