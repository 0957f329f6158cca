package dev.penstock.analytics;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

class AnalyticsPropertiesTest {
  private static AnalyticsProperties with(String address, boolean open, int rows) {
    return new AnalyticsProperties(
        "localhost:9092",
        "penstock",
        "group",
        Path.of("a.duckdb"),
        DataSize.ofMegabytes(64),
        rows,
        DataSize.ofMegabytes(1),
        0,
        address,
        0,
        open);
  }

  @Test
  void anAddressThatOthersReachNeedsToBeMeant() {
    assertThatThrownBy(() -> with("0.0.0.0", false, 1))
        .hasMessageContaining("penstock.analytics.open-to-all must be true");
    Assertions.assertThat(with("0.0.0.0", true, 1).topic()).isEqualTo("penstock.public.messages");
    Assertions.assertThat(with("127.0.0.1", false, 1).port()).isZero();
  }

  @Test
  void aBoundThatIsNoneIsRefusedByItsName() {
    assertThatThrownBy(() -> with("127.0.0.1", false, 0))
        .hasMessageContaining("penstock.analytics.batch-rows must be from 1 to 100000");
  }
}
