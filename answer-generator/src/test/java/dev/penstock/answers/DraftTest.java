package dev.penstock.answers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DraftTest {
  private final AnswerMetrics metrics = new AnswerMetrics(new SimpleMeterRegistry());

  @Test
  void isAtEveryMomentWhatPostgresCanStoreAndABeginningOfWhatFollows() throws Exception {
    long seed = Long.getLong("penstock.seed", System.nanoTime());
    System.out.println("penstock.seed=" + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      Draft draft = new Draft("begun ", 10_000, metrics);
      StringBuilder given = new StringBuilder("begun ");
      String before = draft.text();
      for (int i = 0; i < 50; i++) {
        String piece = piece(random);
        given.append(piece);
        draft.append(piece);
        String text = draft.text();
        assertThat(text).startsWith(before);
        assertThat(new String(text.getBytes(UTF_8), UTF_8)).isEqualTo(text).doesNotContain("\0");
        assertThat(draft.await(-1, 0).bytes()).isEqualTo(text.getBytes(UTF_8).length);
        before = text;
      }
      draft.end(null);
      assertThat(draft.text())
          .isEqualTo(new String(given.toString().replace("\0", "").getBytes(UTF_8), UTF_8));
    }
  }

  private static String piece(Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> "\0";
      case 1 -> "\ud83d";
      case 2 -> "\ude42";
      case 3 -> "🙂é";
      case 4 -> "";
      default -> "word ";
    };
  }

  @Test
  void refusesTextOnceInterruptedOrClosed() {
    Draft draft = new Draft("", 100, metrics);
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> draft.append("late")).isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isFalse();
    draft.close();
    assertThatThrownBy(() -> draft.append("later")).isInstanceOf(InterruptedException.class);
    assertThat(draft.text()).isEmpty();
  }

  @Test
  void knowsTheEndOfASentence() throws Exception {
    Draft draft = new Draft("", 100, metrics);
    draft.append("One");
    assertThat(draft.await(-1, 0).sentenceEnd()).isFalse();
    draft.append(". ");
    assertThat(draft.await(-1, 0).sentenceEnd()).isTrue();
  }
}
