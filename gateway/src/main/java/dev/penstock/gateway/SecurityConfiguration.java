package dev.penstock.gateway;

import dev.penstock.gateway.http.Answers;
import java.util.Set;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.security.config.annotation.web.reactive.EnableWebFluxSecurity;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.oauth2.jwt.ReactiveJwtDecoder;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.ServerAuthenticationEntryPoint;
import org.springframework.security.web.server.context.NoOpServerSecurityContextRepository;
import org.springframework.security.web.server.firewall.ServerExchangeRejectedHandler;
import org.springframework.security.web.server.util.matcher.ServerWebExchangeMatcher.MatchResult;
import reactor.core.publisher.Mono;

/// Who may call what. Everything that is not named here or in a chain of an extra configuration
/// (ordered before these) is denied.
@Configuration(proxyBeanMethods = false)
@EnableWebFluxSecurity
class SecurityConfiguration {
  @Bean
  @Order(100)
  SecurityWebFilterChain openSecurity(ServerHttpSecurity http, Page page) {
    return bare(http)
        .securityMatcher(exchange ->
            isOfPage(exchange.getRequest(), page) ? MatchResult.match() : MatchResult.notMatch())
        .authorizeExchange(exchanges -> exchanges.anyExchange().permitAll())
        .build();
  }

  @Bean
  @Order(200)
  SecurityWebFilterChain authTokenSecurity(ServerHttpSecurity http, ReactiveJwtDecoder decoder) {
    ServerAuthenticationEntryPoint unauthorized =
        (exchange, _) -> {
          exchange.getResponse().getHeaders().set("WWW-Authenticate", "Bearer");
          return Answers.problem(
              exchange.getResponse(), 401, "A valid Auth Token is required", null);
        };
    return bare(http)
        .authorizeExchange(exchanges ->
            exchanges
                .matchers(exchange ->
                    Calls.isOne(exchange.getRequest())
                        ? MatchResult.match()
                        : MatchResult.notMatch())
                .authenticated()
                .anyExchange()
                .denyAll())
        .oauth2ResourceServer(server ->
            server.authenticationEntryPoint(unauthorized).jwt(jwt -> jwt.jwtDecoder(decoder)))
        .exceptionHandling(handling ->
            handling
                .authenticationEntryPoint(unauthorized)
                .accessDeniedHandler((exchange, _) ->
                    noSuchCall(exchange.getResponse(), Calls.methods(exchange.getRequest()))))
        .build();
  }

  private static Mono<Void> noSuchCall(ServerHttpResponse response, Set<HttpMethod> allowed) {
    if (allowed.isEmpty()) {
      return Answers.problem(response, 403, "There is no such call", null);
    }
    response.getHeaders().setAllow(allowed);
    return Answers.problem(response, 405, "This method is not allowed here", null);
  }

  @Bean
  ServerExchangeRejectedHandler firewallAnswers() {
    return (exchange, _) ->
        Answers.problem(exchange.getResponse(), 400, "The request is malformed", null);
  }

  /// Tokens travel in a header that no foreign page can set, so there is nothing for CSRF to steal,
  /// and no session.
  private static ServerHttpSecurity bare(ServerHttpSecurity http) {
    return http.csrf(ServerHttpSecurity.CsrfSpec::disable)
        .headers(ServerHttpSecurity.HeaderSpec::disable)
        .logout(ServerHttpSecurity.LogoutSpec::disable)
        .httpBasic(ServerHttpSecurity.HttpBasicSpec::disable)
        .formLogin(ServerHttpSecurity.FormLoginSpec::disable)
        .requestCache(ServerHttpSecurity.RequestCacheSpec::disable)
        .securityContextRepository(NoOpServerSecurityContextRepository.getInstance());
  }

  static boolean isOfPage(ServerHttpRequest request, Page page) {
    HttpMethod method = request.getMethod();
    return (method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD))
        && page.at(request.getPath().pathWithinApplication().value()).isPresent();
  }
}
