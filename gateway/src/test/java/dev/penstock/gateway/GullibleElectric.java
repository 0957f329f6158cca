package dev.penstock.gateway;

import com.zaxxer.hikari.HikariDataSource;
import dev.penstock.gateway.FakeUpstream.Received;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.server.HttpServerResponse;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// An Electric that does whatever it is told, by any spelling of a parameter, in the query, in the
/// body or in a header, and runs it on the database as it stands; any other path is all there is.
/// What widens a shape and passes the gateway shows in its answer.
final class GullibleElectric implements FakeUpstream.Behaviour, AutoCloseable {
  private static final List<String> SUBSET =
      List.of("where", "params", "limit", "offset", "order_by");

  private final HikariDataSource database = new HikariDataSource();
  private final Scheduler blocking = Schedulers.newBoundedElastic(8, 10_000, "gullible");

  GullibleElectric(String jdbcUrl) {
    database.setJdbcUrl(jdbcUrl);
    database.setMaximumPoolSize(8);
    database.addDataSourceProperty("options", "-c statement_timeout=500 -c timezone=UTC");
  }

  @Override
  public Publisher<Void> answer(Received request, HttpServerResponse response) {
    return Mono.fromCallable(() -> parameters(request))
        .flatMap(parameters ->
            Mono.fromCallable(() -> run(request, parameters))
                .subscribeOn(blocking)
                .flatMap(rows -> Mono.from(write(request, parameters, rows, response))))
        .onErrorResume(
            SQLException.class,
            refused -> Mono.from(refuse(String.valueOf(refused.getMessage()), response)));
  }

  private ObedientQuery.Rows run(Received request, Map<String, String> parameters)
      throws SQLException {
    try (var connection = database.getConnection()) {
      return request.path().equals("/v1/shape")
              && List.of("GET", "HEAD", "POST").contains(request.method())
          ? new ObedientQuery(parameters).run(connection)
          : new ObedientQuery(Map.of("table", "messages")).run(connection);
    }
  }

  /// Every parameter by the name that a careless reader could see in it; a later place wins.
  private static Map<String, String> parameters(Received request) {
    Map<String, String> all = new TreeMap<>();
    request.query().forEach((name, values) -> all.put(plain(name), values.getLast()));
    request
        .headers()
        .forEach((name, value) -> {
          String plain = plain(name).replaceFirst("^(x-)?electric-", "");
          if (List.of("table", "where", "columns", "params[1]", "replica").contains(plain)) {
            all.put(plain, value);
          }
        });
    if (!request.body().isEmpty()) {
      try {
        merge(all, TestGateway.JSON.readTree(request.body()));
      } catch (JacksonException notJson) {
        Queries.decode(request.body())
            .forEach((name, values) -> all.put(plain(name), values.getLast()));
      }
    }
    return all;
  }

  /// As Electric merges a body over the query: the nested form even the shape's own filter.
  private static void merge(Map<String, String> all, JsonNode body) {
    body.properties()
        .forEach(entry -> {
          String name = plain(entry.getKey());
          JsonNode value = entry.getValue();
          if (name.equals("subset") && value.isObject()) {
            value.properties().forEach(inner -> put(all, plain(inner.getKey()), inner.getValue()));
          } else {
            put(all, SUBSET.contains(name) ? "subset__" + name : name, value);
          }
        });
  }

  private static void put(Map<String, String> all, String name, JsonNode value) {
    if (name.equals("params") && value.isObject()) {
      value
          .properties()
          .forEach(
              param -> all.put("params[" + plain(param.getKey()) + "]", text(param.getValue())));
    }
    all.put(name, text(value));
  }

  private static String text(JsonNode value) {
    return value.isString() ? value.stringValue() : value.toString();
  }

  private static String plain(String name) {
    String decoded = name;
    for (int i = 0; i < 2 && decoded.contains("%"); i++) {
      try {
        decoded = java.net.URLDecoder.decode(decoded, StandardCharsets.UTF_8);
      } catch (IllegalArgumentException notEncoded) {
        break;
      }
    }
    return Normalizer.normalize(decoded, Normalizer.Form.NFKC)
        .toLowerCase(Locale.ROOT)
        .replace('а', 'a')
        .replace('е', 'e')
        .replaceAll("[\\p{Cntrl}\\p{Cf}\\s;\"']", "")
        .replaceAll("\\[\\$?0*([0-9]+)]", "[$1]")
        .replaceAll("\\[]$", "");
  }

  private static Publisher<Void> write(
      Received request,
      Map<String, String> parameters,
      ObedientQuery.Rows rows,
      HttpServerResponse response) {
    boolean live = parameters.containsKey("live") && !"false".equals(parameters.get("live"));
    boolean subset = parameters.keySet().stream().anyMatch(name -> name.startsWith("subset__"));
    response
        .status(200)
        .header(
            "electric-handle",
            "1-" + Integer.toHexString(parameters.getOrDefault("where", "").hashCode()))
        .header("electric-offset", "0_0")
        .header("cache-control", live ? "public, max-age=5" : "public, max-age=604800")
        .header("etag", "\"1:-1:0_0\"");
    if (live) {
      response.header("electric-cursor", "1").header("electric-up-to-date", "");
    } else {
      response.header("electric-schema", rows.schema());
    }
    if (subset) {
      response.header("electric-snapshot", "true");
    }
    if (live && parameters.containsKey("live_sse")) {
      return response
          .header("content-type", "text/event-stream")
          .sendString(Mono.just("data: " + rows.messages() + "\n\n"));
    }
    byte[] body =
        (subset ? "{\"metadata\":{},\"data\":%s}".formatted(rows.messages()) : rows.messages())
            .getBytes(StandardCharsets.UTF_8);
    response.header("content-type", "application/json; charset=utf-8");
    // Some compressed, as a proxy before it could do it.
    if (body.length % 5 == 0 && !request.method().equals("HEAD")) {
      response.header("content-encoding", "gzip");
      body = gzip(body);
    }
    return response.sendByteArray(Mono.just(body));
  }

  private static Publisher<Void> refuse(String why, HttpServerResponse response) {
    String body =
        TestGateway.JSON.writeValueAsString(
            Map.of("message", "Invalid request", "errors", Map.of("subset", Map.of("where", why))));
    return FakeUpstream.json(response.status(400), body);
  }

  static byte[] gzip(byte[] body) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(body);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return out.toByteArray();
  }

  @Override
  public void close() {
    blocking.dispose();
    database.close();
  }
}
