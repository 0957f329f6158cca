package dev.penstock.gateway.shape;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.StringJoiner;

/// A request as the upstream gets it, but for the secret. Of user and token nothing is left, so
/// equal queries are the same request, whoever asks.
///
/// @param query the encoded query: first the token's definition, then the protocol's parameters
/// @param body of a POST, else empty
/// @param ifNoneMatch of a conditional request, else empty
record ShapeRequest(String method, String query, String body, String ifNoneMatch) {
  static ShapeRequest of(
      String method,
      ShapeDefinition definition,
      ShapeQuery query,
      String body,
      String ifNoneMatch) {
    StringJoiner joined = new StringJoiner("&");
    add(joined, "table", definition.table());
    add(joined, "columns", ShapeDefinition.list(definition.columns()));
    add(joined, "queryable_columns", ShapeDefinition.list(definition.queryableColumns()));
    add(joined, "where", definition.where());
    definition.params().forEach((number, value) -> add(joined, "params[" + number + "]", value));
    add(joined, "replica", definition.replica());
    query.protocol().forEach((name, value) -> add(joined, name, value));
    return new ShapeRequest(method, joined.toString(), body, ifNoneMatch);
  }

  private static void add(StringJoiner query, String name, String value) {
    query.add(encode(name) + "=" + encode(value));
  }

  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
