package dev.penstock.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VariablesTest {
  record Keys(
      int port, String databaseUrl, Map<String, String> kafka, List<String> keys, Below llm) {}

  record Below(String baseUrl) {}

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PATH",
        "PENSTOCK_DATABASE_URL",
        "PENSTOCK_GATEWAY_WHATEVER",
        "PENSTOCK_X_PORT",
        "PENSTOCK_X_DATABASE_URL",
        "PENSTOCK_X_DATABASEURL",
        "PENSTOCK_X_KAFKA_SASL_JAAS_CONFIG",
        "PENSTOCK_X_KEYS_0",
        "PENSTOCK_X_LLM_BASE_URL"
      })
  void takesItsOwnAndSharedVariablesAndThoseOfOthers(String name) {
    assertThat(Variables.isKnown("x", Keys.class, name)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PENSTOCK_AUTH_SECRT",
        "PENSTOCK_X_PROT",
        "PENSTOCK_X_PORT_A",
        "PENSTOCK_X_KEYS_A",
        "PENSTOCK_X_LLM_BASE"
      })
  void refusesAMisspeltOneWithoutTellingItsValue(String name) {
    assertThatThrownBy(() -> Variables.requireKnown("x", Keys.class, Map.of(name, "hush")))
        .hasMessageContaining(name)
        .hasMessageNotContaining("hush");
  }
}
