package dev.penstock.gateway;

import dev.penstock.gateway.revocation.RevocationLog;
import dev.penstock.management.CanaryLag;
import dev.penstock.management.Drain;
import dev.penstock.management.Management;
import dev.penstock.management.Part;
import dev.penstock.management.Parts;
import dev.penstock.management.Probe;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.springframework.boot.autoconfigure.condition.ConditionalOnExpression;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// Wires health and metrics, where they are wanted: a gateway is ready that knows all revocations
/// and whose shape server is active.
@Configuration(proxyBeanMethods = false)
@ConditionalOnExpression("${penstock.gateway.management-port} != -1")
class ManagementConfiguration {
  private static final Duration INTERVAL = Duration.ofSeconds(2);

  /// Within 15 s of the upstream's last good answer, with the time of the question that fails.
  private static final Duration PATIENCE = Duration.ofSeconds(8);

  @Bean(destroyMethod = "close")
  UpstreamProbe upstreamProbe(GatewayProperties settings, MeterRegistry meters) {
    CanaryLag canary = new CanaryLag();
    canary.export(meters, "gateway");
    return new UpstreamProbe(settings.shapesUrl(), canary);
  }

  @Bean(destroyMethod = "close")
  Probe shapesProbe(UpstreamProbe upstreamProbe, MeterRegistry meters) {
    Probe probe = new Probe("shapes", upstreamProbe, INTERVAL, PATIENCE);
    meters.gauge("penstock.gateway.upstream.up", probe, p -> p.isUp() ? 1 : 0);
    meters.gauge("penstock.gateway.upstream.age.seconds", probe, p -> p.age().toMillis() / 1e3);
    return probe;
  }

  /// Closed first, as what depends on others is: who stops is not asked any more.
  @Bean(destroyMethod = "close")
  Management gatewayManagement(
      GatewayProperties settings,
      RevocationLog revocations,
      Probe shapesProbe,
      PrometheusMeterRegistry meters,
      Drain drain) {
    Parts parts =
        new Parts(
            List.of(
                drain.part(),
                Part.needed(
                    "revocations",
                    () -> revocations.knowledge() == RevocationLog.Knowledge.ALL,
                    () -> Map.of("known", revocations.knowledge().name())),
                Part.needed(
                    "shapes",
                    shapesProbe::isUp,
                    () -> Map.of("ageSeconds", shapesProbe.age().toSeconds()))));
    return Management.start(
        "penstock.gateway", settings.managementAddress(), settings.managementPort(), parts, meters);
  }
}
