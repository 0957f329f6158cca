package dev.penstock.gateway;

import dev.penstock.contracts.Variables;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.context.ConfigurationPropertiesAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.http.codec.autoconfigure.CodecsAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.reactor.netty.autoconfigure.NettyReactiveWebServerAutoConfiguration;
import org.springframework.boot.webflux.autoconfigure.HttpHandlerAutoConfiguration;
import org.springframework.boot.webflux.autoconfigure.WebFluxAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.MapPropertySource;

/// The gateway as a program.
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(GatewayProperties.class)
@ImportAutoConfiguration({
  PropertyPlaceholderAutoConfiguration.class,
  ConfigurationPropertiesAutoConfiguration.class,
  LifecycleAutoConfiguration.class,
  JacksonAutoConfiguration.class,
  CodecsAutoConfiguration.class,
  HttpHandlerAutoConfiguration.class,
  NettyReactiveWebServerAutoConfiguration.class,
  WebFluxAutoConfiguration.class
})
@Import({
  GatewayConfiguration.class,
  ManagementConfiguration.class,
  RevocationConfiguration.class,
  SecurityConfiguration.class,
  ServerConfiguration.class
})
public final class GatewayApplication {
  private GatewayApplication() {}

  public static void main(String[] arguments) {
    Variables.requireKnown("gateway", GatewayProperties.class, System.getenv());
    application().run(arguments);
  }

  /// Starts a gateway inside this JVM; whoever starts it closes it.
  ///
  /// @param properties of the highest precedence; without one the stop does not wait for whoever
  ///   spreads requests
  /// @param extraConfigurations may bring routes (`RouterFunction`), each with a
  ///   `SecurityWebFilterChain` of an order below 100 whose matcher names just them: what no chain
  ///   names is denied
  /// @return its `local.server.port` is the port it listens on
  public static ConfigurableApplicationContext start(
      Map<String, Object> properties, Class<?>... extraConfigurations) {
    SpringApplication application = application(extraConfigurations);
    application.setRegisterShutdownHook(false);
    Map<String, Object> first = new HashMap<>(Map.of("penstock.gateway.drain", "0s"));
    first.putAll(properties);
    // Else SERVER_PORT or SERVER_ADDRESS of the environment would win over the gateway's own.
    first.put("server.port", "${penstock.gateway.port}");
    first.put("server.address", "${penstock.gateway.address}");
    application.addInitializers(context ->
        context
            .getEnvironment()
            .getPropertySources()
            .addFirst(new MapPropertySource("start", first)));
    return application.run();
  }

  private static SpringApplication application(Class<?>... extraConfigurations) {
    List<Class<?>> sources = new ArrayList<>(List.of(extraConfigurations));
    sources.add(GatewayApplication.class);
    SpringApplication application = new SpringApplication(sources.toArray(Class<?>[]::new));
    application.setWebApplicationType(WebApplicationType.REACTIVE);
    application.setBannerMode(Banner.Mode.OFF);
    application.setDefaultProperties(Map.of("spring.config.name", "penstock-gateway"));
    return application;
  }
}
