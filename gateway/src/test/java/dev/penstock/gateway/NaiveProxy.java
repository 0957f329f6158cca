package dev.penstock.gateway;

import dev.penstock.gateway.FakeUpstream.Received;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.reactivestreams.Publisher;
import reactor.netty.http.server.HttpServerResponse;
import tools.jackson.databind.JsonNode;

/// The proxy that is written again and again: it reads the token, and puts its shape before
/// whatever the client sent. The attacks must be seen to work on it, or their failing elsewhere
/// says nothing.
final class NaiveProxy implements FakeUpstream.Behaviour {
  private final GullibleElectric electric;

  NaiveProxy(GullibleElectric electric) {
    this.electric = electric;
  }

  @Override
  public Publisher<Void> answer(Received request, HttpServerResponse response) {
    String authorization = request.headers().getOrDefault("Authorization", "");
    String[] parts = authorization.split("\\.", -1);
    if (parts.length < 2) {
      return response.status(401).send();
    }
    JsonNode claims;
    try {
      claims =
          TestGateway.JSON.readTree(
              new String(
                  java.util.Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8));
    } catch (RuntimeException notAToken) {
      return response.status(401).send();
    }
    Map<String, String> shape = new HashMap<>();
    for (String name : List.of("table", "where")) {
      shape.put(name, claims.path(name).asString(""));
    }
    shape.put(
        "columns",
        String.join(",", claims.path("columns").valueStream().map(JsonNode::asString).toList()));
    shape.put("params[1]", claims.path("params").path("1").asString(""));
    StringBuilder query = new StringBuilder("?");
    shape.forEach((name, value) ->
        query
            .append(java.net.URLEncoder.encode(name, StandardCharsets.UTF_8))
            .append('=')
            .append(java.net.URLEncoder.encode(value, StandardCharsets.UTF_8))
            .append('&'));
    int mark = request.uri().indexOf('?');
    String given = mark < 0 ? "" : request.uri().substring(mark + 1);
    return electric.answer(
        new Received(
            request.method(), "/v1/shape" + query + given, request.headers(), request.body()),
        response);
  }
}
