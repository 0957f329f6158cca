package dev.penstock.gateway;

import com.zaxxer.hikari.HikariDataSource;
import dev.penstock.contracts.trace.Spans;
import dev.penstock.gateway.collapse.Collapse;
import dev.penstock.gateway.collapse.CollapseSettings;
import dev.penstock.gateway.http.DrainFilter;
import dev.penstock.gateway.http.EdgeFilter;
import dev.penstock.gateway.http.FailureHandler;
import dev.penstock.gateway.http.FrontDoor;
import dev.penstock.gateway.http.RequestFilter;
import dev.penstock.gateway.http.Upstream;
import dev.penstock.gateway.limit.AddressFilter;
import dev.penstock.gateway.limit.ClientAddress;
import dev.penstock.gateway.limit.RequestLimits;
import dev.penstock.gateway.provider.KeySetSource;
import dev.penstock.gateway.revocation.KnowledgeFilter;
import dev.penstock.gateway.revocation.RevocationHandler;
import dev.penstock.gateway.revocation.RevocationLog;
import dev.penstock.gateway.revocation.Revocations;
import dev.penstock.gateway.shape.ShapeHandler;
import dev.penstock.gateway.shape.ShapePolicies;
import dev.penstock.gateway.shape.ShapeTokenHandler;
import dev.penstock.gateway.shape.ShapeTokens;
import dev.penstock.gateway.shape.ShapeUpstream;
import dev.penstock.gateway.shape.SigningKeys;
import dev.penstock.management.Drain;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.webflux.autoconfigure.WebHttpHandlerBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.security.oauth2.jwt.ReactiveJwtDecoder;
import org.springframework.web.reactive.handler.SimpleUrlHandlerMapping;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/// Wires the gateway.
@Configuration(proxyBeanMethods = false)
class GatewayConfiguration {
  private static final Logger LOG = LoggerFactory.getLogger(GatewayConfiguration.class);
  private static final Duration ALONE_AFTER_CUT = Duration.ofMinutes(1);

  @Bean
  PrometheusMeterRegistry meterRegistry() {
    return new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  }

  @Bean
  ReactiveJwtDecoder authTokenDecoder(
      GatewayProperties settings, Revocations revocations, ReactorResourceFactory resources) {
    return AuthTokens.decoder(
        settings, revocations, new KeySetSource(resources.getLoopResources()));
  }

  @Bean
  SigningKeys signingKeys(GatewayProperties settings) {
    SigningKeys keys = new SigningKeys(settings.shapeTokenKeys());
    if (!settings.authSecret().isEmpty()
        && keys.contain(settings.authSecret().getBytes(StandardCharsets.UTF_8))) {
      throw new IllegalArgumentException(
          "penstock.gateway.auth-secret must not be one of penstock.gateway.shape-token-keys: one"
              + " token would pass for the other");
    }
    return keys;
  }

  @Bean
  ShapeTokens shapeTokens(SigningKeys keys, GatewayProperties settings, MeterRegistry meters) {
    return new ShapeTokens(keys, settings.shapeTokenLifetime(), Clock.systemUTC(), meters);
  }

  @Bean
  HikariDataSource permissionDatabase(GatewayProperties settings) {
    HikariDataSource database = new HikariDataSource();
    database.setPoolName("gateway-permissions");
    database.setJdbcUrl(settings.databaseUrl());
    database.setUsername(settings.databaseUser());
    database.setPassword(settings.databasePassword());
    database.setMaximumPoolSize(settings.databaseConnections());
    database.setMinimumIdle(1);
    database.setReadOnly(true);
    database.setConnectionTimeout(3_000);
    // The driver's own: a database that hangs must not keep the few threads for ever.
    database.addDataSourceProperty("socketTimeout", "5");
    database.addDataSourceProperty("connectTimeout", "3");
    return database;
  }

  @Bean
  ShapePolicies shapePolicies(HikariDataSource database) {
    ShapePolicies policies = new ShapePolicies(ShapePolicies.OF_THIS_APP);
    policies.verify(database);
    return policies;
  }

  @Bean(destroyMethod = "dispose")
  Scheduler permissionThreads(GatewayProperties settings) {
    return Schedulers.newBoundedElastic(
        settings.databaseConnections(), 1_000, "gateway-permissions", 60, true);
  }

  @Bean
  Upstream shapeServer(
      GatewayProperties settings, ReactorResourceFactory resources, MeterRegistry meters) {
    return new Upstream(
        "shapes",
        new Upstream.Limits(
            settings.shapesConnections(),
            settings.shapesPending(),
            settings.shapesConnectTimeout(),
            settings.shapesTimeout()),
        resources.getLoopResources(),
        meters);
  }

  @Bean
  Upstream commandService(
      GatewayProperties settings, ReactorResourceFactory resources, MeterRegistry meters) {
    return new Upstream(
        "command",
        new Upstream.Limits(
            settings.commandConnections(),
            settings.commandConnections(),
            settings.shapesConnectTimeout(),
            settings.commandTimeout()),
        resources.getLoopResources(),
        meters);
  }

  @Bean
  Collapse shapeAnswers(
      @Qualifier("shapeServer") Upstream shapeServer,
      GatewayProperties settings,
      MeterRegistry meters) {
    return new Collapse(
        shapeServer,
        new CollapseSettings(
            Math.toIntExact(settings.shapesWindow().toBytes()),
            settings.shapesBuffer().toBytes(),
            settings.stalledAfter(),
            ALONE_AFTER_CUT),
        meters);
  }

  @Bean
  ShapeHandler shapeHandler(
      ShapeTokens tokens,
      Collapse shapes,
      RequestLimits limits,
      ClientAddress addresses,
      Revocations revocations,
      GatewayProperties settings,
      Drain drain) {
    return new ShapeHandler(
        tokens,
        new ShapeUpstream(
            shapes, settings.shapesUrl(), settings.shapesSecret(), settings.shapesReuse()),
        limits,
        addresses,
        revocations,
        Math.toIntExact(settings.shapeBodyLimit().toBytes()),
        Clock.systemUTC(),
        drain);
  }

  @Bean
  ShapeTokenHandler shapeTokenHandler(
      ShapePolicies policies,
      ShapeTokens tokens,
      HikariDataSource database,
      Scheduler permissionThreads,
      RevocationLog log,
      MeterRegistry meters) {
    return new ShapeTokenHandler(policies, tokens, database, permissionThreads, log, meters);
  }

  @Bean
  CommandHandler commandHandler(
      @Qualifier("commandService") Upstream commandService,
      GatewayProperties settings,
      Spans spans) {
    return new CommandHandler(
        commandService,
        settings.commandUrl(),
        Math.toIntExact(settings.commandBodyLimit().toBytes()),
        spans);
  }

  @Bean(destroyMethod = "close")
  Spans spans(@Value("${penstock.otlp-endpoint}") String endpoint) {
    return Spans.of("gateway", endpoint);
  }

  @Bean
  Page page() {
    Page page = Page.ofClassPath();
    if (page.isEmpty()) {
      LOG.atWarn().log("there is no page on the class path: only the calls are served");
    }
    return page;
  }

  /// Behind the routes that extra configurations bring.
  @Bean
  SimpleUrlHandlerMapping calls(
      ShapeTokenHandler shapeTokens,
      RevocationHandler revocations,
      CommandHandler commands,
      Page page) {
    Map<String, Object> handlers = new HashMap<>();
    handlers.put("/shapes/auth-token", shapeTokens);
    handlers.put("/revocations", revocations);
    for (CommandRoute route : CommandRoute.ALL) {
      handlers.put(route.pattern(), commands);
    }
    handlers.put("/**", new PageHandler(page));
    return new SimpleUrlHandlerMapping(handlers, Ordered.LOWEST_PRECEDENCE - 10);
  }

  @Bean
  WebHttpHandlerBuilderCustomizer frontDoor(
      ShapeHandler shapes,
      AddressFilter addresses,
      KnowledgeFilter knowledge,
      FailureHandler failures,
      GatewayProperties settings,
      Drain drain) {
    // The headers of every answer first, so that what the others refuse has them too.
    List<RequestFilter> filters =
        List.of(
            new EdgeFilter(settings.corsOrigins(), Calls::methods),
            new DrainFilter(drain),
            addresses,
            knowledge);
    return builder ->
        builder.httpHandlerDecorator(
            others -> new FrontDoor(filters, shapes::handle, others, failures));
  }

  @Bean
  @Order(-10)
  FailureHandler failureHandler(MeterRegistry meters) {
    return new FailureHandler(meters);
  }
}
