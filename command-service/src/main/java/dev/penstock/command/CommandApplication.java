package dev.penstock.command;

import dev.penstock.contracts.Variables;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.http.converter.autoconfigure.HttpMessageConvertersAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.security.autoconfigure.web.servlet.SecurityFilterAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;

/// Starts the write API, alone or as one of several services of a JVM.
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableConfigurationProperties(CommandProperties.class)
@Import({CommandConfiguration.class, AuthConfiguration.class, ManagementConfiguration.class})
@ImportAutoConfiguration({
  DispatcherServletAutoConfiguration.class,
  HttpMessageConvertersAutoConfiguration.class,
  JacksonAutoConfiguration.class,
  LifecycleAutoConfiguration.class,
  SecurityFilterAutoConfiguration.class,
  TomcatServletWebServerAutoConfiguration.class,
  WebMvcAutoConfiguration.class
})
public final class CommandApplication {
  private CommandApplication() {}

  public static void main(String[] arguments) {
    Variables.requireKnown("command", CommandProperties.class, System.getenv());
    application(true)
        .run(Stream.concat(Stream.of(CONFIG_NAME), Stream.of(arguments)).toArray(String[]::new));
  }

  /// Starts the service; the caller closes it, within 5 s.
  ///
  /// @param properties win over file, environment and system properties; without one the stop does
  ///   not wait for whoever spreads requests
  public static ConfigurableApplicationContext start(
      Map<String, Object> properties, Class<?>... extraConfigurations) {
    String[] arguments =
        Stream.concat(
                Stream.of(CONFIG_NAME),
                alone(properties).entrySet().stream()
                    .map(e -> "--" + e.getKey() + "=" + e.getValue()))
            .toArray(String[]::new);
    return application(false).sources(extraConfigurations).run(arguments);
  }

  private static Map<String, Object> alone(Map<String, Object> properties) {
    Map<String, Object> all = new HashMap<>(Map.of("penstock.command.drain", "0s"));
    all.putAll(properties);
    return all;
  }

  private static final String CONFIG_NAME = "--spring.config.name=penstock-command-service";

  private static SpringApplicationBuilder application(boolean shutdownHook) {
    return new SpringApplicationBuilder(CommandApplication.class)
        .web(WebApplicationType.SERVLET)
        .bannerMode(Banner.Mode.OFF)
        .registerShutdownHook(shutdownHook);
  }
}
