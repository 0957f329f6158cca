package dev.penstock.answers;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The bounds of a growing row, over random streams of tokens, in made-up time.
class GrowthTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /// @param written bytes in all writes, the final one included
  private record Streamed(List<Long> writes, long written, int bytes, long firstNanos) {}

  @ParameterizedTest
  @ValueSource(doubles = {2, 3, 6})
  void neitherTheRateNorTheBytesOfTheWritesPassTheirBounds(double multiple) {
    long seed = Long.getLong("penstock.seed", System.nanoTime());
    System.out.println("penstock.seed=" + seed);
    Random random = new Random(seed);
    double sum = 0;
    long writes = 0;
    int rounds = 3_000;
    for (int round = 0; round < rounds; round++) {
      Streamed streamed = stream(random, multiple);

      assertThat(streamed.written())
          .as("bytes of %d writes", streamed.writes().size())
          .isLessThanOrEqualTo((long) (multiple * streamed.bytes()));
      for (int i = 4; i < streamed.writes().size(); i++) {
        assertThat(streamed.writes().get(i) - streamed.writes().get(i - 4))
            .as("five writes take longer than a second")
            .isGreaterThanOrEqualTo(SECOND);
      }
      assertThat(streamed.firstNanos()).as("the first text is written at once").isZero();
      sum += (double) streamed.written() / streamed.bytes();
      writes += streamed.writes().size();
    }
    System.out.printf(
        "multiple %.0f: amplification %.2f, %.1f writes per answer%n",
        multiple, sum / rounds, (double) writes / rounds);
  }

  /// Pieces of random size at random times, by a run that may be taken over in between.
  private static Streamed stream(Random random, double multiple) {
    Growth.Limits limits =
        new Growth.Limits(Duration.ofMillis(334), Duration.ofMillis(500), multiple);
    long now = random.nextInt();
    long first = now;
    int bytes = 0;
    int rowBytes = 0;
    Growth growth = new Growth(limits, 0, 0, now);
    List<Long> writes = new ArrayList<>();
    int tokens = 1 + random.nextInt(400);
    int pace = 1 + random.nextInt(200);
    for (int token = 0; token < tokens; token++) {
      if (random.nextInt(100) == 0) {
        // Another goes on from the row, or anew, where what it has is shorter than the row.
        growth = new Growth(limits, growth.written(), rowBytes, now);
        bytes = random.nextBoolean() ? rowBytes : bytes;
      }
      bytes += 1 + random.nextInt(12);
      long until = now + TimeUnit.MILLISECONDS.toNanos(random.nextInt(pace) + 1L);
      long wait = growth.wait(bytes, random.nextInt(10) == 0, now);
      if (wait != Growth.NOT_YET && now + wait < until) {
        growth.wrote(bytes, now + wait);
        rowBytes = bytes;
        writes.add(now + wait);
      }
      now = until;
    }
    long firstNanos = writes.isEmpty() ? 0 : writes.getFirst() - first;
    writes.add(now);
    return new Streamed(writes, growth.written() + bytes, bytes, firstNanos);
  }
}
