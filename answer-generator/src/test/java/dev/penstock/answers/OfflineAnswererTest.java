package dev.penstock.answers;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class OfflineAnswererTest {
  @Test
  void saysThatNoModelIsConfiguredAndQuotesTheQuestionsBeginning() throws Exception {
    List<String> pieces = answer("  What\nis  this? ");
    assertThat(String.join("", pieces))
        .contains("No language model is configured")
        .contains("\"What is this?\"");
    assertThat(pieces).hasSizeGreaterThan(10);
  }

  @Test
  void cutsALongQuestionBetweenCharacters() throws Exception {
    assertThat(String.join("", answer("🙂".repeat(200)))).contains("\"" + "🙂".repeat(80) + "…\"");
  }

  private static List<String> answer(String content) throws Exception {
    UUID id = UUID.randomUUID();
    List<String> pieces = new ArrayList<>();
    new OfflineAnswerer(Duration.ZERO)
        .answer(new Question(id, id, id, "alice", content, List.of(), ""), pieces::add);
    return pieces;
  }
}
