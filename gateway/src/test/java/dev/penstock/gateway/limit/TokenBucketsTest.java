package dev.penstock.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TokenBucketsTest {
  private final AtomicLong now = new AtomicLong(-5);
  private final TokenBuckets buckets = new TokenBuckets(new Rate(2, 3), 4, now::get);

  @Test
  void burstPassesThenTheRate() {
    for (int i = 0; i < 3; i++) {
      assertThat(buckets.take("a")).isZero();
    }
    assertThat(buckets.take("a")).isEqualTo(Duration.ofMillis(500));
    assertThat(buckets.take("b")).isZero();

    pass(Duration.ofMillis(500));

    assertThat(buckets.take("a")).isZero();
    assertThat(buckets.take("a")).isPositive();
  }

  @Test
  void restFillsNoMoreThanTheBurst() {
    buckets.take("a");
    pass(Duration.ofHours(1));

    for (int i = 0; i < 3; i++) {
      assertThat(buckets.take("a")).isZero();
    }
    assertThat(buckets.take("a")).isPositive();
  }

  @Test
  void tableIsBoundedAndNamesWithoutRoomShareOneBucket() {
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 3; j++) {
        buckets.take("active-" + i);
      }
    }

    for (int i = 0; i < 3; i++) {
      assertThat(buckets.take("late-" + i)).isZero();
    }
    assertThat(buckets.take("late-3")).isPositive();
    assertThat(buckets.take("active-0")).isPositive();
    assertThat(buckets.size()).isEqualTo(4);
  }

  @Test
  void namesAtRestMakeRoom() {
    for (int i = 0; i < 4; i++) {
      buckets.take("active-" + i);
    }
    pass(Duration.ofSeconds(3));

    assertThat(buckets.take("late")).isZero();

    assertThat(buckets.size()).isOne();
  }

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }
}
