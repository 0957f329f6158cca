package dev.penstock.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class InstancesTest {
  @Test
  void eachOfSeveralHasAManagementPortOfItsOwn() {
    Map<String, Object> third =
        Instances.ofOne(
            Map.of("penstock.bridge.management-port", "9000", "penstock.bridge.slot", "9000"), 3);
    assertThat(third)
        .containsEntry("penstock.bridge.management-port", 9002)
        .containsEntry("penstock.bridge.slot", "9000");
    for (String any : new String[] {"0", "-1"}) {
      assertThat(Instances.ofOne(Map.of("penstock.bridge.management-port", any), 3))
          .containsEntry("penstock.bridge.management-port", any);
    }
  }
}
