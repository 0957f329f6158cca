package dev.penstock.gateway.shape;

import dev.penstock.gateway.http.Answers;
import dev.penstock.gateway.http.Bodies;
import dev.penstock.gateway.http.StrictJson;
import dev.penstock.gateway.revocation.RevocationLog;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.RejectedExecutionException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebHandler;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `POST /shapes/auth-token`: trades an Auth Token for the Shape Token of one shape.
public final class ShapeTokenHandler implements WebHandler {
  private static final Logger LOG = LoggerFactory.getLogger(ShapeTokenHandler.class);
  private static final int BODY_LIMIT = 16 * 1024;
  private static final String FORBIDDEN = "There is no such shape for this caller";

  private final ShapePolicies policies;
  private final ShapeTokens tokens;
  private final DataSource database;
  private final Scheduler blocking;
  private final RevocationLog log;
  private final Counter full;

  /// @param blocking bounded in threads and queue: permissions are asked of the database there
  public ShapeTokenHandler(
      ShapePolicies policies,
      ShapeTokens tokens,
      DataSource database,
      Scheduler blocking,
      RevocationLog log,
      MeterRegistry meters) {
    this.policies = policies;
    this.tokens = tokens;
    this.database = database;
    this.blocking = blocking;
    this.log = log;
    this.full = meters.counter("penstock.gateway.refused", "limit", "revocations-most");
  }

  /// A shape that a caller asks for, its parameters accepted.
  private record Wish(ShapePolicy policy, Map<String, String> params) {}

  @Override
  public Mono<Void> handle(ServerWebExchange exchange) {
    ServerHttpResponse response = exchange.getResponse();
    return exchange
        .<JwtAuthenticationToken>getPrincipal()
        .flatMap(caller ->
            Bodies.read(exchange.getRequest(), BODY_LIMIT)
                .flatMap(body -> answer(response, caller, body)));
  }

  private Mono<Void> answer(
      ServerHttpResponse response, JwtAuthenticationToken caller, byte[] body) {
    String subject = caller.getName();
    Instant end = caller.getToken().getExpiresAt();
    if (end == null) {
      throw new IllegalStateException("an Auth Token without exp was accepted");
    }
    if (!end.truncatedTo(ChronoUnit.SECONDS).isAfter(Instant.now())) {
      // Within the clock skew it is still accepted, but a token that ends with it would be refused
      // at once.
      return Answers.problem(response, 401, "A valid Auth Token is required", null);
    }
    Instant asked = Instant.now();
    RevocationLog.Knowledge knowledge = log.knowledge();
    if (knowledge == RevocationLog.Knowledge.FULL) {
      full.increment();
      return Answers.unavailable(
          response,
          "More tokens are revoked than can be kept: no new ones are given at present",
          5);
    }
    if (knowledge != RevocationLog.Knowledge.ALL) {
      return Answers.unavailable(
          response, "Permissions cannot be checked at present, please retry", 2);
    }
    Wish wish;
    try {
      ObjectNode request = parse(body);
      ShapePolicy policy = policies.of(table(request)).orElse(null);
      if (policy == null) {
        return Answers.problem(response, 403, FORBIDDEN, null);
      }
      wish = new Wish(policy, accept(policy, request.get("params")));
    } catch (InvalidParameterException invalid) {
      return Answers.problem(response, 400, String.valueOf(invalid.getMessage()), invalid.field());
    }
    return Mono.fromCallable(() -> permits(wish, subject))
        .subscribeOn(blocking)
        .flatMap(permitted -> {
          if (!permitted) {
            return Answers.problem(response, 403, FORBIDDEN, null);
          }
          ShapeTokens.Minted minted =
              tokens.mint(
                  login(subject, caller.getToken(), end),
                  definition(wish, subject),
                  wish.policy().revocableBy(wish.params()),
                  asked);
          return Answers.json(
              response,
              200,
              Map.of(
                  "token", minted.token(),
                  "expiresAt", minted.expiresAt().getEpochSecond()));
        })
        .onErrorResume(
            failure ->
                failure instanceof SQLException || failure instanceof RejectedExecutionException,
            failure -> {
              LOG.atWarn().setCause(failure).log("a permission could not be checked");
              return Answers.unavailable(
                  response, "Permissions cannot be checked at present, please retry", 2);
            });
  }

  private static Login login(String subject, Jwt token, Instant end) {
    Instant issuedAt = token.getIssuedAt();
    return new Login(subject, token.getId(), issuedAt == null ? Instant.EPOCH : issuedAt, end);
  }

  private boolean permits(Wish wish, String caller) throws SQLException {
    try (Connection connection = database.getConnection()) {
      return wish.policy().permits(connection, caller, wish.params());
    }
  }

  private static ShapeDefinition definition(Wish wish, String caller) {
    ShapePolicy policy = wish.policy();
    SortedMap<Integer, String> params = new TreeMap<>();
    List<String> values = policy.values(caller, wish.params());
    for (int i = 0; i < values.size(); i++) {
      params.put(i + 1, values.get(i));
    }
    return new ShapeDefinition(
        policy.table(), policy.columns(), policy.columns(), policy.where(), params, "default");
  }

  private static ObjectNode parse(byte[] body) throws InvalidParameterException {
    ObjectNode request;
    try {
      request = StrictJson.object(body);
    } catch (IllegalArgumentException notJson) {
      throw new InvalidParameterException("body", String.valueOf(notJson.getMessage()));
    }
    requireKnown("", request, Set.of("table", "params"));
    return request;
  }

  private static String table(ObjectNode request) throws InvalidParameterException {
    JsonNode table = request.get("table");
    if (table == null) {
      throw new InvalidParameterException("table", "is missing");
    }
    if (!table.isString()) {
      throw new InvalidParameterException("table", "must be a text");
    }
    return table.stringValue();
  }

  private static Map<String, String> accept(ShapePolicy policy, @Nullable JsonNode given)
      throws InvalidParameterException {
    JsonNode params = given == null ? StrictJson.object() : given;
    if (!(params instanceof ObjectNode object)) {
      throw new InvalidParameterException("params", "must be an object");
    }
    Map<String, String> accepted = new HashMap<>();
    for (ShapeParameter parameter : policy.parameters()) {
      accepted.put(parameter.name(), parameter.accept(object.get(parameter.name())));
    }
    requireKnown("params.", object, accepted.keySet());
    return accepted;
  }

  private static void requireKnown(String prefix, ObjectNode object, Set<String> known)
      throws InvalidParameterException {
    for (String name : object.propertyNames()) {
      if (!known.contains(name)) {
        // Their names come back, but not any length of them.
        String shown = name.length() > 64 ? name.substring(0, 64) + "…" : name;
        throw new InvalidParameterException(prefix + shown, "is not known");
      }
    }
  }
}
