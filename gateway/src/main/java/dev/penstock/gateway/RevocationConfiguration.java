package dev.penstock.gateway;

import dev.penstock.contracts.Topics;
import dev.penstock.gateway.revocation.KnowledgeFilter;
import dev.penstock.gateway.revocation.RevocationHandler;
import dev.penstock.gateway.revocation.RevocationLog;
import dev.penstock.gateway.revocation.RevocationTopic;
import dev.penstock.gateway.revocation.Revocations;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;

/// Wires what knows which tokens are good no more.
@Configuration(proxyBeanMethods = false)
class RevocationConfiguration {
  private static final Logger LOG = LoggerFactory.getLogger(RevocationConfiguration.class);

  @Bean
  Revocations revocations(GatewayProperties settings, MeterRegistry meters) {
    return new Revocations(
        settings.revocationRetention(), settings.revocationsMost(), Clock.systemUTC(), meters);
  }

  @Bean(destroyMethod = "close")
  RevocationLog revocationLog(
      GatewayProperties settings, Revocations revocations, MeterRegistry meters) {
    if (settings.kafkaBootstrapServers().isEmpty()) {
      LOG.atWarn().log("without Kafka revocations hold in this process only, and until it ends");
      return RevocationLog.ofThisProcess(revocations);
    }
    RevocationTopic topic =
        new RevocationTopic(
            kafka(settings),
            new Topics(settings.topicPrefix()).revocations(),
            settings.revocationRetention(),
            settings.revocationsStaleAfter(),
            revocations,
            meters);
    // Before the first request, where Kafka answers.
    topic.awaitKnown(Duration.ofSeconds(5));
    return topic;
  }

  private static Map<String, Object> kafka(GatewayProperties settings) {
    Map<String, Object> kafka = new HashMap<>();
    if (settings.kafka() != null) {
      kafka.putAll(settings.kafka());
    }
    kafka.put("bootstrap.servers", settings.kafkaBootstrapServers());
    return kafka;
  }

  @Bean
  RevocationHandler revocationHandler(RevocationLog log, GatewayProperties settings) {
    return new RevocationHandler(
        log, settings.operatorClaim(), settings.operatorValue(), Clock.systemUTC());
  }

  /// Behind CORS and the address's limits, before any token is looked at.
  @Bean
  KnowledgeFilter knowledgeFilter(RevocationLog log, Page page) {
    return new KnowledgeFilter(
        log,
        request ->
            request.getMethod().equals(HttpMethod.OPTIONS)
                || SecurityConfiguration.isOfPage(request, page));
  }
}
