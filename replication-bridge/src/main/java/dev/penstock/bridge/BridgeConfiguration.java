package dev.penstock.bridge;

import dev.penstock.contracts.trace.Spans;
import dev.penstock.management.Management;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.type.AnnotatedTypeMetadata;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(BridgeProperties.class)
class BridgeConfiguration {

  @Bean
  PrometheusMeterRegistry bridgeMeterRegistry() {
    return new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  }

  @Bean
  BridgeMetrics bridgeMetrics(MeterRegistry bridgeMeterRegistry, Spans bridgeSpans) {
    return new BridgeMetrics(bridgeMeterRegistry, bridgeSpans);
  }

  @Bean(destroyMethod = "close")
  Spans bridgeSpans(@Value("${penstock.otlp-endpoint}") String endpoint) {
    return Spans.of("replication-bridge", endpoint);
  }

  @Bean
  BridgeSettings bridgeSettings(BridgeProperties properties) {
    return properties.toSettings();
  }

  @Bean(initMethod = "start", destroyMethod = "close")
  Bridge bridge(BridgeSettings bridgeSettings, BridgeMetrics bridgeMetrics) {
    return new Bridge(bridgeSettings, bridgeMetrics);
  }

  @Bean
  BridgeStatus bridgeStatus(Bridge bridge) {
    return bridge.status();
  }

  @Bean(initMethod = "start", destroyMethod = "close")
  WalGuard bridgeWalGuard(
      BridgeSettings bridgeSettings, Bridge bridge, BridgeMetrics bridgeMetrics) {
    return new WalGuard(
        bridgeSettings, bridge::acknowledged, bridge::acknowledgedOffset, bridgeMetrics);
  }

  /// Closed first, as what depends on others is: who stops is not asked any more.
  @Bean(destroyMethod = "close")
  @Conditional(ManagementWanted.class)
  Management bridgeManagement(
      BridgeProperties properties,
      Bridge bridge,
      WalGuard bridgeWalGuard,
      PrometheusMeterRegistry bridgeMeterRegistry) {
    return Management.start(
        "penstock.bridge",
        properties.managementAddress(),
        properties.managementPort(),
        new Health(bridge.status(), bridgeWalGuard, bridge::routerStatus),
        bridgeMeterRegistry);
  }

  static final class ManagementWanted implements Condition {
    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
      return context
              .getEnvironment()
              .getProperty("penstock.bridge.management-port", Integer.class, Management.NONE)
          != Management.NONE;
    }
  }
}
