package dev.penstock.command;

import com.zaxxer.hikari.HikariDataSource;
import dev.penstock.management.Drain;
import dev.penstock.management.Management;
import dev.penstock.management.Part;
import dev.penstock.management.Parts;
import dev.penstock.management.Probe;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.springframework.boot.autoconfigure.condition.ConditionalOnExpression;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.jdbc.core.simple.JdbcClient;

/// Wires health and metrics.
@Configuration(proxyBeanMethods = false)
class ManagementConfiguration {
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  /// A question that is answered at all is answered within the waits for connection and statement,
  /// which are 7 s together.
  private static final Duration PATIENCE = Duration.ofSeconds(8);

  @Bean
  PrometheusMeterRegistry commandMeterRegistry() {
    return new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  }

  @Bean
  Drain drain(CommandProperties properties) {
    return new Drain(properties.drain());
  }

  /// Before anything is stopped.
  @Bean
  ApplicationListener<ContextClosedEvent> drainFirst(Drain drain) {
    return _ -> drain.run();
  }

  /// Ends each connection with its next answer once the drain has begun.
  @Bean
  Filter lastAnswers(Drain drain) {
    return (request, response, chain) -> {
      if (drain.isBegun() && response instanceof HttpServletResponse answer) {
        answer.setHeader("Connection", "close");
      }
      chain.doFilter(request, response);
    };
  }

  @Bean
  CommandMetrics commandMetrics(PrometheusMeterRegistry registry, HikariDataSource dataSource) {
    return new CommandMetrics(registry, dataSource);
  }

  /// Ready while the database answers.
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnExpression("${penstock.command.management-port} != -1")
  static class Wanted {
    @Bean(destroyMethod = "close")
    Probe databaseProbe(HikariDataSource dataSource) {
      JdbcClient database = JdbcClient.create(dataSource);
      return new Probe(
          "database",
          () -> database.sql("select 1").query(Integer.class).single() == 1,
          INTERVAL,
          PATIENCE);
    }

    /// Closed first, as what depends on others is: who stops is not asked any more.
    @Bean(destroyMethod = "close")
    Management commandManagement(
        CommandProperties properties,
        Probe databaseProbe,
        PrometheusMeterRegistry registry,
        Drain drain) {
      Parts parts =
          new Parts(
              List.of(
                  drain.part(),
                  Part.needed(
                      "database",
                      databaseProbe::isUp,
                      () -> Map.of("ageSeconds", databaseProbe.age().toSeconds()))));
      return Management.start(
          "penstock.command",
          properties.managementAddress(),
          properties.managementPort(),
          parts,
          registry);
    }
  }
}
