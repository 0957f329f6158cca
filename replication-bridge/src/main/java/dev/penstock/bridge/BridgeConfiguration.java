package dev.penstock.bridge;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(BridgeProperties.class)
class BridgeConfiguration {

  @Bean
  MeterRegistry bridgeMeterRegistry() {
    return new SimpleMeterRegistry();
  }

  @Bean
  BridgeMetrics bridgeMetrics(MeterRegistry bridgeMeterRegistry) {
    return new BridgeMetrics(bridgeMeterRegistry);
  }

  @Bean(initMethod = "start", destroyMethod = "close")
  Bridge bridge(BridgeProperties properties, BridgeMetrics bridgeMetrics) {
    return new Bridge(properties.toSettings(), bridgeMetrics);
  }

  @Bean
  BridgeStatus bridgeStatus(Bridge bridge) {
    return bridge.status();
  }
}
