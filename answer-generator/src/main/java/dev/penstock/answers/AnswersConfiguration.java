package dev.penstock.answers;

import dev.penstock.contracts.trace.Spans;
import dev.penstock.management.Management;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnExpression;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/// No auto-configuration: the launcher's class path holds starters that this service must not
/// start.
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableConfigurationProperties(AnswersProperties.class)
class AnswersConfiguration {
  @Bean
  PrometheusMeterRegistry meterRegistry() {
    return new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  }

  /// An [Answerer] of the context, or the configured model, or the offline one.
  @Bean(initMethod = "start", destroyMethod = "close")
  AnswerGenerator answerGenerator(
      AnswersProperties properties,
      ObjectProvider<Answerer> answerer,
      MeterRegistry registry,
      Spans spans) {
    return new AnswerGenerator(
        properties, answerer.getIfAvailable(properties::answerer), registry, spans);
  }

  @Bean(destroyMethod = "close")
  Spans spans(@Value("${penstock.otlp-endpoint}") String endpoint) {
    return Spans.of("answer-generator", endpoint);
  }

  /// Closed first, as what depends on others is: who stops is not asked any more.
  @Bean(destroyMethod = "close")
  @ConditionalOnExpression("${penstock.answers.management-port} != -1")
  Management answersManagement(
      AnswersProperties properties, AnswerGenerator generator, PrometheusMeterRegistry registry) {
    return Management.start(
        "penstock.answers",
        properties.managementAddress(),
        properties.managementPort(),
        generator.health(),
        registry);
  }
}
