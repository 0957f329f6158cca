package dev.penstock.shapes;

import dev.penstock.contracts.Variables;
import java.util.HashMap;
import java.util.Map;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;

/// Starts a shape-server. Its port is the environment's `local.server.port`.
public final class ShapesApplication {
  private ShapesApplication() {}

  /// Runs until the process is stopped.
  public static void main(String[] args) {
    Variables.requireKnown("shapes", ShapesProperties.class, System.getenv());
    run(true, Map.of(), args);
  }

  /// Starts one within this JVM; its context's `close` stops it.
  ///
  /// @param properties win over everything else; without one the stop does not wait for whoever
  ///   spreads requests
  public static ConfigurableApplicationContext start(
      Map<String, Object> properties, Class<?>... extraConfigurations) {
    Map<String, Object> first = new HashMap<>(Map.of("penstock.shapes.drain", "0s"));
    first.putAll(properties);
    return run(false, first, new String[0], extraConfigurations);
  }

  private static ConfigurableApplicationContext run(
      boolean shutdownHook, Map<String, Object> properties, String[] args, Class<?>... extra) {
    Class<?>[] sources = java.util.Arrays.copyOf(extra, extra.length + 1);
    sources[extra.length] = ShapesConfiguration.class;
    SpringApplication application = new SpringApplication(sources);
    // The server is Reactor Netty itself: see RATIONALE.md.
    application.setWebApplicationType(WebApplicationType.NONE);
    application.setBannerMode(Banner.Mode.OFF);
    application.setRegisterShutdownHook(shutdownHook);
    // All threads are daemons: a program of its own would end behind its start.
    application.setKeepAlive(shutdownHook);
    application.setDefaultProperties(Map.of("spring.config.name", "penstock-shape-server"));
    application.addInitializers(context ->
        context
            .getEnvironment()
            .getPropertySources()
            .addFirst(new MapPropertySource("start", properties)));
    return application.run(args);
  }
}
