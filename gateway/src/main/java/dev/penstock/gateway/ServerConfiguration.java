package dev.penstock.gateway;

import dev.penstock.gateway.http.Connections;
import dev.penstock.gateway.limit.AddressFilter;
import dev.penstock.gateway.limit.ClientAddress;
import dev.penstock.gateway.limit.LimitSettings;
import dev.penstock.gateway.limit.Rate;
import dev.penstock.gateway.limit.RequestLimits;
import dev.penstock.gateway.limit.UserFilter;
import dev.penstock.management.Drain;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.annotation.Order;
import org.springframework.http.client.ReactorResourceFactory;

/// Wires what bounds the cost of connections and requests.
@Configuration(proxyBeanMethods = false)
class ServerConfiguration {
  @Bean
  RequestLimits requestLimits(GatewayProperties settings, MeterRegistry meters) {
    return new RequestLimits(
        new LimitSettings(
            new Rate(settings.userRate(), settings.userBurst()),
            new Rate(settings.addressRate(), settings.addressBurst()),
            settings.limitTable(),
            settings.heldPerUser(),
            settings.heldPerAddress(),
            settings.held()),
        meters);
  }

  /// Of its own: Spring ends the global ones with the first context that closes, and with them the
  /// event loops of every other server and client in the JVM.
  @Bean
  ReactorResourceFactory eventLoops() {
    ReactorResourceFactory resources = new ReactorResourceFactory();
    resources.setUseGlobalResources(false);
    resources.setShutdownQuietPeriod(Duration.ZERO);
    resources.setShutdownTimeout(Duration.ofSeconds(1));
    return resources;
  }

  @Bean
  NettyServerCustomizer connections(GatewayProperties settings, MeterRegistry meters) {
    return new Connections(settings.maxConnections(), settings.stalledAfter(), meters)::bound;
  }

  @Bean
  Drain drain(GatewayProperties settings) {
    return new Drain(settings.drain());
  }

  /// Before anything is stopped.
  @Bean
  ApplicationListener<ContextClosedEvent> drainFirst(Drain drain) {
    return _ -> drain.run();
  }

  /// Behind the headers of every answer, so that what it refuses has them too.
  @Bean
  ClientAddress clientAddress(GatewayProperties settings) {
    return new ClientAddress(settings.trustedProxies());
  }

  @Bean
  AddressFilter addressFilter(
      RequestLimits limits, ClientAddress addresses, GatewayProperties settings) {
    return new AddressFilter(
        limits, addresses, settings.maxHeaders(), Math.toIntExact(settings.maxUrl().toBytes()));
  }

  /// Behind Spring Security's filter, which has the order -100.
  @Bean
  @Order(0)
  UserFilter userFilter(RequestLimits limits) {
    return new UserFilter(limits);
  }
}
