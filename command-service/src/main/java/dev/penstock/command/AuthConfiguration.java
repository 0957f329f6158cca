package dev.penstock.command;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.DispatcherType;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.security.authentication.ProviderManager;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtDecoderInitializationException;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationProvider;
import org.springframework.security.oauth2.server.resource.web.authentication.BearerTokenAuthenticationFilter;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.AnonymousAuthenticationFilter;
import org.springframework.security.web.context.NullSecurityContextRepository;
import org.springframework.security.web.firewall.RequestRejectedHandler;

/// Every request but the health check needs an Auth Token.
@Configuration(proxyBeanMethods = false)
@EnableWebSecurity
class AuthConfiguration {
  @Bean
  JwtDecoder authTokens(CommandProperties properties, MeterRegistry meters) {
    JwtDecoder decoder = AuthTokens.decoder(properties, meters);
    return token -> {
      try {
        return decoder.decode(token);
      } catch (JwtDecoderInitializationException e) {
        throw new JwtException("The issuer's metadata cannot be had.", e);
      }
    };
  }

  // The resource server's filter without its configurer, which would also publish metadata of this
  // server and turn unreachable keys into a 500.
  @Bean
  SecurityFilterChain commandSecurity(HttpSecurity http, JwtDecoder authTokens) {
    BearerTokenAuthenticationFilter bearer =
        new BearerTokenAuthenticationFilter(
            new ProviderManager(new JwtAuthenticationProvider(authTokens)));
    bearer.setAuthenticationEntryPoint(AuthFailure::answer);
    bearer.setAuthenticationFailureHandler(AuthFailure::answer);
    // No session: so none of the filters that would look after one.
    return http.sessionManagement(AbstractHttpConfigurer::disable)
        .securityContext(c -> c.securityContextRepository(new NullSecurityContextRepository()))
        .headers(headers ->
            headers
                .defaultsDisabled()
                .cacheControl(Customizer.withDefaults())
                .contentTypeOptions(Customizer.withDefaults()))
        .csrf(AbstractHttpConfigurer::disable)
        .logout(AbstractHttpConfigurer::disable)
        .requestCache(AbstractHttpConfigurer::disable)
        .exceptionHandling(e -> e.authenticationEntryPoint(AuthFailure::answer))
        .addFilterBefore(bearer, AnonymousAuthenticationFilter.class)
        .authorizeHttpRequests(requests ->
            requests
                .dispatcherTypeMatchers(DispatcherType.ERROR)
                .permitAll()
                .requestMatchers(HttpMethod.GET, "/health")
                .permitAll()
                .anyRequest()
                .authenticated())
        .build();
  }

  @Bean
  RequestRejectedHandler rejectedRequests() {
    return (request, response, rejected) ->
        AuthFailure.problem(response, HttpStatus.BAD_REQUEST, "The request's address is refused.");
  }
}
