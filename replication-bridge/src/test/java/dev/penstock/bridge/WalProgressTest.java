package dev.penstock.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class WalProgressTest {
  private static final long SECOND = 1_000_000_000L;
  private final WalProgress progress = new WalProgress(Duration.ofSeconds(5));

  @Test
  void walThatNoRecordIsAcknowledgedForStandsStill() {
    progress.sampled(100, 100, 7, 0);
    progress.sampled(200, 100, 7, SECOND);
    assertThat(progress.moves(8 * SECOND)).isTrue();
    progress.sampled(300, 100, 7, 10 * SECOND);
    assertThat(progress.moves(11 * SECOND)).isFalse();
    assertThat(progress.standsStill(11 * SECOND)).isEqualTo(Duration.ofSeconds(11));

    progress.sampled(300, 300, 8, 12 * SECOND);
    assertThat(progress.moves(12 * SECOND)).isTrue();
  }

  @Test
  void aLongTransactionMovesWithEachOfItsRecords() {
    for (int i = 0; i < 100; i++) {
      progress.sampled(1_000, 100, i, i * SECOND);
      assertThat(progress.moves(i * SECOND)).isTrue();
    }
  }

  @Test
  void withoutNewWalNothingStandsStillHoweverLong() {
    progress.sampled(100, 100, 7, 0);
    assertThat(progress.moves(3_600 * SECOND)).isTrue();
  }
}
