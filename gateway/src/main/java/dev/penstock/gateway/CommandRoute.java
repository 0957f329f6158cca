package dev.penstock.gateway;

import java.util.List;
import org.springframework.http.HttpMethod;

/// A call that goes on to the command-service as it is.
///
/// @param pattern of the path, as Spring's `PathPattern`
record CommandRoute(HttpMethod method, String pattern) {
  /// The place to extend.
  static final List<CommandRoute> ALL =
      List.of(
          new CommandRoute(HttpMethod.POST, "/questions/send"),
          new CommandRoute(HttpMethod.POST, "/conversations"),
          new CommandRoute(HttpMethod.POST, "/answers/{id}/stop"),
          new CommandRoute(HttpMethod.GET, "/txids/{txid}"),
          new CommandRoute(HttpMethod.GET, "/dead-letters"),
          new CommandRoute(HttpMethod.POST, "/dead-letters/retry"),
          new CommandRoute(HttpMethod.POST, "/dead-letters/{id}/retry"),
          new CommandRoute(HttpMethod.DELETE, "/dead-letters/{id}"));
}
