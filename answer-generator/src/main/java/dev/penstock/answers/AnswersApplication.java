package dev.penstock.answers;

import dev.penstock.contracts.Variables;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

/// Starts the answer-generator, alone or inside another program.
public final class AnswersApplication {
  private AnswersApplication() {}

  /// Runs until the process is ended.
  public static void main(String[] arguments) {
    Variables.requireKnown("answers", AnswersProperties.class, System.getenv());
    application(Map.of()).run(arguments);
  }

  /// Starts it inside a program that closes the context itself.
  ///
  /// @param properties go before every other source
  /// @param extraConfigurations may define an [Answerer]
  public static ConfigurableApplicationContext start(
      Map<String, Object> properties, Class<?>... extraConfigurations) {
    SpringApplication application = application(properties);
    application.setRegisterShutdownHook(false);
    application.addPrimarySources(List.of(extraConfigurations));
    return application.run();
  }

  private static SpringApplication application(Map<String, Object> properties) {
    Map<String, Object> first = new HashMap<>(properties);
    first.put("spring.config.name", "penstock-answer-generator");
    StandardEnvironment environment = new StandardEnvironment();
    environment.getPropertySources().addFirst(new MapPropertySource("start", first));
    SpringApplication application = new SpringApplication(AnswersConfiguration.class);
    application.setEnvironment(environment);
    application.setWebApplicationType(WebApplicationType.NONE);
    application.setBannerMode(Banner.Mode.OFF);
    return application;
  }
}
