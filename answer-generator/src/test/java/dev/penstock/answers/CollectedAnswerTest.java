package dev.penstock.answers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class CollectedAnswerTest {
  @Test
  void keepsWhatPostgresCanStore() throws Exception {
    CollectedAnswer answer = new CollectedAnswer(100);
    answer.append("a\0b");
    answer.append("\ud83d");
    answer.append("\ude42");
    answer.append("\ud83d");
    assertThat(answer.text()).isEqualTo("ab🙂?");
  }

  @Test
  void refusesTextOnceInterrupted() {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> new CollectedAnswer(100).append("late"))
        .isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isFalse();
  }
}
