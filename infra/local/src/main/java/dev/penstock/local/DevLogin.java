package dev.penstock.local;

import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.security.Keys;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import javax.crypto.SecretKey;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.util.matcher.PathPatternParserServerWebExchangeMatcher;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

/// `POST /dev/login {"user":"alice"}` gives anybody an Auth Token. It exists in the local launcher
/// only: the gateway's module does not have it.
@Configuration(proxyBeanMethods = false)
public class DevLogin {
  static final String SECRET = "penstock.local.auth-secret";

  private static final Pattern USER = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N} ._@-]{0,63}");
  private static final Duration LIFE = Duration.ofHours(12);

  @Bean
  @Order(0)
  SecurityWebFilterChain devLoginIsOpen(ServerHttpSecurity http) {
    return http.securityMatcher(new PathPatternParserServerWebExchangeMatcher("/dev/login"))
        .csrf(ServerHttpSecurity.CsrfSpec::disable)
        .authorizeExchange(exchange -> exchange.anyExchange().permitAll())
        .build();
  }

  @Bean
  RouterFunction<ServerResponse> devLoginRoute(@Value("${" + SECRET + "}") String secret) {
    SecretKey key = Keys.hmacShaKeyFor(secret.getBytes(StandardCharsets.UTF_8));
    return RouterFunctions.route(
        RequestPredicates.POST("/dev/login"), request -> login(request, key));
  }

  private static Mono<ServerResponse> login(ServerRequest request, SecretKey key) {
    return request
        .bodyToMono(JsonNode.class)
        .map(body -> body.path("user").asString(""))
        .onErrorReturn("")
        .defaultIfEmpty("")
        .flatMap(user ->
            USER.matcher(user).matches()
                ? ServerResponse.ok()
                    .header("cache-control", "no-store")
                    .bodyValue(Map.of("token", token(user, key)))
                : ServerResponse.badRequest()
                    .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                    .bodyValue(problem()));
  }

  private static String token(String user, SecretKey key) {
    Instant now = Instant.now();
    return Jwts.builder()
        .issuer("penstock-local")
        .subject(user)
        .id(UUID.randomUUID().toString())
        .issuedAt(Date.from(now))
        .expiration(Date.from(now.plus(LIFE)))
        .signWith(key, Jwts.SIG.HS256)
        .compact();
  }

  private static ProblemDetail problem() {
    ProblemDetail problem =
        ProblemDetail.forStatusAndDetail(
            HttpStatus.BAD_REQUEST,
            "user must be 1 to 64 letters, digits, blanks or any of . _ @ - and begin with a letter or digit");
    problem.setProperty("field", "user");
    return problem;
  }
}
