package dev.penstock.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {
  @Test
  void argumentsWinOverTheEnvironment() {
    Settings settings =
        Settings.of(
            Map.of("PENSTOCK_GATEWAY_PORT", "1", "PENSTOCK_KAFKA_PORT", "2", "PATH", "x"),
            List.of("--gateway-port=3"));
    assertThat(settings.gatewayPort()).isEqualTo(3);
    assertThat(settings.kafkaPort()).isEqualTo(2);
    assertThat(settings.postgresPort()).isEqualTo(15432);
  }

  @Test
  void whatBelongsToAServiceReachesIt() {
    Settings settings = Settings.of(Map.of("PENSTOCK_ANSWERS_CONCURRENCY", "4"), List.of());
    assertThat(settings.service("answers"))
        .containsOnly(Map.entry("penstock.answers.concurrency", "4"));
    assertThat(settings.service("bridge")).isEmpty();
  }

  @Test
  void theLanguageModelIsTheAnswerGenerators() {
    Settings settings =
        Settings.of(
            Map.of("PENSTOCK_LLM_BASE_URL", "http://localhost:1", "PENSTOCK_LLM_MODEL", "m"),
            List.of());
    assertThat(settings.service("answers"))
        .containsOnly(
            Map.entry("penstock.answers.llm.base-url", "http://localhost:1"),
            Map.entry("penstock.answers.llm.model", "m"));
  }

  @Test
  void whoIsAnOperatorIsSaidOnceForEveryServiceThatKnowsOperators() {
    Settings settings =
        Settings.of(
            Map.of("PENSTOCK_OPERATOR_CLAIM", "roles", "PENSTOCK_OPERATOR_VALUE", "operator"),
            List.of("--gateway-operator-value=gatekeeper"));
    assertThat(settings.service("command"))
        .containsOnly(
            Map.entry("penstock.command.operator-claim", "roles"),
            Map.entry("penstock.command.operator-value", "operator"));
    assertThat(settings.service("gateway"))
        .containsOnly(
            Map.entry("penstock.gateway.operator-claim", "roles"),
            Map.entry("penstock.gateway.operator-value", "gatekeeper"));
    assertThat(settings.service("answers")).isEmpty();
    assertThatThrownBy(() -> Settings.of(Map.of("PENSTOCK_OPERATOR_CLAM", "roles"), List.of()))
        .hasMessageContaining("PENSTOCK_OPERATOR_CLAM");
  }

  @Test
  void whatNobodyKnowsIsNamed() {
    assertThatThrownBy(() -> Settings.of(Map.of("PENSTOCK_GATEWAI_PORT", "1"), List.of()))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining("PENSTOCK_GATEWAI_PORT");
    assertThatThrownBy(() -> Settings.of(Map.of(), List.of("gateway-port=1")))
        .isInstanceOf(SettingException.class);
    assertThatThrownBy(() -> Settings.of(Map.of(), List.of("--kafka-port=many")))
        .hasMessageContaining("--kafka-port");
  }

  @Test
  void kafkaFlushesEveryRecordWhereItIsAskedTo() {
    assertThat(Settings.of(Map.of(), List.of()).kafka()).isEmpty();
    assertThat(Settings.of(Map.of("PENSTOCK_KAFKA_FLUSH", "true"), List.of()).kafka())
        .containsOnly(Map.entry("log.flush.interval.messages", "1"));
    assertThatThrownBy(() -> Settings.of(Map.of(), List.of("--kafka-flush=yes")))
        .hasMessageContaining("--kafka-flush");
  }

  @Test
  void aRealElectricNeedsItsDatabase() {
    assertThatThrownBy(
            () -> Settings.of(Map.of("PENSTOCK_ELECTRIC_URL", "http://localhost:3000"), List.of()))
        .hasMessageContaining("PENSTOCK_DATABASE_URL");
  }
}
