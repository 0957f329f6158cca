package dev.penstock.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.junit.jupiter.api.Test;

class RetriesTest {
  private final SQLException away = new SQLException("connection refused", "08001");
  private final SQLException refused = new SQLException("password is wrong", "28P01");

  private final Retries retries = new Retries(Duration.ofHours(1));

  @Test
  void pausesGrowToFiveSecondsAndStartAgainBehindASuccess() {
    List<Duration> pauses = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      pauses.add(retries.failed(away));
    }
    assertThat(pauses.subList(0, 5))
        .containsExactly(
            Duration.ofMillis(500),
            Duration.ofSeconds(1),
            Duration.ofSeconds(2),
            Duration.ofSeconds(4),
            Duration.ofSeconds(5));
    assertThat(pauses.getLast()).isEqualTo(Duration.ofSeconds(5));
    assertThat(retries.failures()).isEqualTo(20);

    retries.succeeded();
    assertThat(retries.failures()).isZero();
    assertThat(retries.failed(away)).isEqualTo(Duration.ofMillis(500));
  }

  @Test
  void whatIsRefusedIsTriedFiveTimesInARow() {
    for (int i = 1; i < Retries.REFUSALS; i++) {
      retries.failed(refused);
    }
    retries.failed(away);
    for (int i = 1; i < Retries.REFUSALS; i++) {
      retries.failed(new IllegalStateException("the slot could not be streamed from", refused));
    }
    assertThatThrownBy(() -> retries.failed(refused))
        .isInstanceOf(BridgeException.class)
        .hasMessage("Postgres refuses the bridge: password is wrong");
  }

  @Test
  void whatKafkaRefusesIsNamed() {
    Throwable unknown =
        new KafkaException("no topic", new SaslAuthenticationException("who are you"));
    for (int i = 1; i < Retries.REFUSALS; i++) {
      retries.failed(unknown);
    }
    assertThatThrownBy(() -> retries.failed(unknown))
        .hasMessage("Kafka refuses the bridge: who are you");
  }

  @Test
  void itGivesUpWhenNothingHasComeOfItForLong() {
    Retries impatient = new Retries(Duration.ofNanos(1));
    assertThatThrownBy(() -> impatient.failed(away))
        .isInstanceOf(BridgeException.class)
        .hasMessageContaining("1 attempts")
        .hasMessageEndingWith("connection refused");
  }

  @Test
  void whatNeedsAPersonIsNotTriedAgain() {
    BridgeException reason = new BridgeException("the slot is lost");
    assertThatThrownBy(() -> retries.failed(new IllegalStateException(reason))).isSameAs(reason);
  }
}
