package dev.penstock.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class QuestionAskedTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Test
  void theSchemaHasTheRecordsComponents() throws Exception {
    try (InputStream schema =
        QuestionAsked.class.getResourceAsStream("schemas/question-asked.schema.json")) {
      JsonNode tree = JSON.readTree(schema);
      List<String> components =
          Arrays.stream(QuestionAsked.class.getRecordComponents()).map(c -> c.getName()).toList();
      assertThat(tree.get("properties").propertyNames()).containsExactlyElementsOf(components);
      assertThat(tree.get("required").valueStream().map(JsonNode::asString))
          .containsExactlyElementsOf(components);
    }
  }

  @Test
  void theJsonSurvives() {
    QuestionAsked asked =
        new QuestionAsked(
            UUID.randomUUID(),
            UUID.randomUUID(),
            UUID.randomUUID(),
            "alice",
            "why?",
            Instant.parse("2026-11-22T10:00:13.601115Z"));
    String json = JSON.writeValueAsString(asked);
    assertThat(json).contains("\"askedAt\":\"2026-11-22T10:00:13.601115Z\"");
    assertThat(JSON.readValue(json, QuestionAsked.class)).isEqualTo(asked);
  }
}
