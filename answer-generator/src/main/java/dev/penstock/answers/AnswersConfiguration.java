package dev.penstock.answers;

import dev.penstock.contracts.trace.Spans;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/// No auto-configuration: the launcher's class path holds starters that this service must not
/// start.
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableConfigurationProperties(AnswersProperties.class)
class AnswersConfiguration {
  @Bean
  MeterRegistry meterRegistry() {
    return new SimpleMeterRegistry();
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
}
