package dev.penstock.bridge;

import dev.penstock.contracts.Variables;
import java.util.Map;
import java.util.stream.Stream;
import org.slf4j.LoggerFactory;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/// The bridge as a program and as a part of the launcher. Its context has a [BridgeStatus].
public final class BridgeApplication {
  private BridgeApplication() {}

  /// Runs until it is stopped; ends with code 1 and a sentence if the bridge is broken.
  public static void main(String[] args) throws InterruptedException {
    Variables.requireKnown("bridge", BridgeProperties.class, System.getenv());
    ConfigurableApplicationContext context =
        application().properties("spring.main.register-shutdown-hook=true").run(args);
    BridgeStatus.State end = context.getBean(BridgeStatus.class).awaitEnd();
    if (end instanceof BridgeStatus.Broken(String reason)) {
      context.close();
      LoggerFactory.getLogger(BridgeApplication.class).atError().log(reason);
      System.exit(1);
    }
  }

  /// Starts the bridge beside other services in this JVM. It leads once its [BridgeStatus] says so.
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
        Stream.concat(Stream.of(BridgeConfiguration.class), Stream.of(extraConfigurations))
            .toArray(Class<?>[]::new);
    return new SpringApplicationBuilder(sources)
        .web(WebApplicationType.NONE)
        .bannerMode(Banner.Mode.OFF)
        .properties("spring.config.name=penstock-replication-bridge");
  }
}
