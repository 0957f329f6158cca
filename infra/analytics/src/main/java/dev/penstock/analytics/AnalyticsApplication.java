package dev.penstock.analytics;

import java.util.Map;
import java.util.stream.Stream;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/// The consumer as a program and as a part of the launcher. Its context has an [AnalyticsAddress].
public final class AnalyticsApplication {
  private AnalyticsApplication() {}

  /// Runs until it is stopped.
  public static void main(String[] args) {
    application().properties("spring.main.register-shutdown-hook=true").run(args);
  }

  /// Starts the consumer beside other services in this JVM.
  ///
  /// @param properties override everything else
  public static ConfigurableApplicationContext start(
      Map<String, Object> properties, Class<?>... extraConfigurations) {
    String[] args =
        properties.entrySet().stream()
            .map(entry -> "--" + entry.getKey() + "=" + entry.getValue())
            .toArray(String[]::new);
    return application(extraConfigurations)
        .properties("spring.main.register-shutdown-hook=false")
        .run(args);
  }

  private static SpringApplicationBuilder application(Class<?>... extraConfigurations) {
    Class<?>[] sources =
        Stream.concat(Stream.of(AnalyticsConfiguration.class), Stream.of(extraConfigurations))
            .toArray(Class<?>[]::new);
    return new SpringApplicationBuilder(sources)
        .web(WebApplicationType.NONE)
        .bannerMode(Banner.Mode.OFF)
        .properties("spring.config.name=penstock-analytics");
  }
}
