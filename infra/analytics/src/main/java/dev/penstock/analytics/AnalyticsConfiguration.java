package dev.penstock.analytics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// Wires the consumer.
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AnalyticsProperties.class)
class AnalyticsConfiguration {

  @Bean
  PrometheusMeterRegistry analyticsMeterRegistry() {
    return new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  }

  @Bean(destroyMethod = "close")
  Store analyticsStore(AnalyticsProperties settings) {
    return Store.open(settings.file(), settings.memory(), settings.quarantine());
  }

  @Bean(initMethod = "start", destroyMethod = "close")
  Follower analyticsFollower(
      AnalyticsProperties settings, Store analyticsStore, MeterRegistry analyticsMeterRegistry) {
    return new Follower(
        settings.consumer(),
        settings.topic(),
        analyticsStore,
        new AnalyticsMetrics(analyticsMeterRegistry));
  }

  @Bean(initMethod = "start", destroyMethod = "close")
  Website analyticsWebsite(
      AnalyticsProperties settings,
      Store analyticsStore,
      Follower analyticsFollower,
      PrometheusMeterRegistry analyticsMeterRegistry) {
    return new Website(
        settings.address(),
        settings.port(),
        new Reports(analyticsStore),
        analyticsFollower::state,
        analyticsMeterRegistry);
  }

  @Bean
  AnalyticsAddress analyticsAddress(AnalyticsProperties settings, Website analyticsWebsite) {
    return new AnalyticsAddress(settings.address(), analyticsWebsite.port());
  }
}
