package dev.penstock.gateway.revocation;

import dev.penstock.gateway.http.Answers;
import dev.penstock.gateway.http.Bodies;
import dev.penstock.gateway.http.StrictJson;
import java.time.Clock;
import java.util.Collection;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebHandler;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `POST /revocations {user|conversationId|jti}`: a caller may revoke all of their own logins, or
/// the one that the call is made with; an operator anything.
public final class RevocationHandler implements WebHandler {
  private static final Logger LOG = LoggerFactory.getLogger(RevocationHandler.class);
  private static final int BODY_LIMIT = 4 * 1024;
  private static final int MAX_NAME = 200;

  private final RevocationLog log;
  private final String operatorClaim;
  private final String operatorValue;
  private final Clock clock;

  /// @param operatorClaim of an Auth Token; empty where nobody is an operator
  /// @param operatorValue what it must be, or have among its values
  public RevocationHandler(
      RevocationLog log, String operatorClaim, String operatorValue, Clock clock) {
    this.log = log;
    this.operatorClaim = operatorClaim;
    this.operatorValue = operatorValue;
    this.clock = clock;
  }

  @Override
  public Mono<Void> handle(ServerWebExchange exchange) {
    return exchange
        .<JwtAuthenticationToken>getPrincipal()
        .flatMap(caller ->
            Bodies.read(exchange.getRequest(), BODY_LIMIT)
                .flatMap(body -> revoke(exchange.getResponse(), caller.getToken(), body)));
  }

  private Mono<Void> revoke(ServerHttpResponse response, Jwt caller, byte[] body) {
    ObjectNode wish;
    try {
      wish = StrictJson.object(body);
    } catch (IllegalArgumentException notJson) {
      return Answers.problem(response, 400, "The body " + notJson.getMessage(), null);
    }
    if (wish.size() != 1) {
      return Answers.problem(
          response, 400, "Exactly one of user, conversationId and jti is to be given", null);
    }
    String field = wish.propertyNames().iterator().next();
    String value = text(wish.get(field));
    if (value == null) {
      return Answers.problem(response, 400, "must be a text of 1 to 200 characters", field);
    }
    boolean own;
    String key;
    switch (field) {
      case "user" -> {
        own = value.equals(caller.getSubject());
        key = RevocationKey.user(value);
      }
      case "jti" -> {
        own = value.equals(caller.getId());
        key = RevocationKey.token(value);
      }
      case "conversationId" -> {
        own = false;
        if (!isUuid(value)) {
          return Answers.problem(response, 400, "must be a UUID", field);
        }
        key = RevocationKey.conversation(value.toLowerCase(Locale.ROOT));
      }
      default -> {
        return Answers.problem(
            response, 400, "Only user, conversationId and jti can be revoked", null);
      }
    }
    if (!own && !isOperator(caller)) {
      return Answers.problem(response, 403, "Only operators may revoke this", null);
    }
    return log.publish(key, clock.instant())
        .then(
            Mono.defer(() -> {
              response.setStatusCode(HttpStatus.NO_CONTENT);
              return response.setComplete();
            }))
        .onErrorResume(failure -> {
          LOG.atWarn().setCause(failure).log("a revocation could not be kept");
          return Answers.unavailable(
              response, "It is not certain that this is revoked, please retry", 1);
        });
  }

  private boolean isOperator(Jwt caller) {
    if (operatorClaim.isEmpty()) {
      return false;
    }
    Object claim = caller.getClaims().get(operatorClaim);
    return claim instanceof Collection<?> values
        ? values.contains(operatorValue)
        : claim != null && operatorValue.equals(claim.toString());
  }

  private static @Nullable String text(@Nullable JsonNode value) {
    if (value == null || !value.isString()) {
      return null;
    }
    String text = value.stringValue();
    return text.isEmpty() || text.length() > MAX_NAME ? null : text;
  }

  private static boolean isUuid(String value) {
    try {
      return UUID.fromString(value).toString().equalsIgnoreCase(value);
    } catch (IllegalArgumentException notOne) {
      return false;
    }
  }
}
