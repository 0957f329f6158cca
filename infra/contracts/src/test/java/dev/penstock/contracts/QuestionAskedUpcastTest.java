package dev.penstock.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class QuestionAskedUpcastTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String VERSION_0 =
      """
      {"schemaVersion": 0, "question_id": "00000000-0000-0001-0000-000000000001",
       "answer_id": "00000000-0000-0002-0000-000000000002",
       "conversation_id": "00000000-0000-0003-0000-000000000003", "owner": "alice",
       "content": "why?", "asked_at": "2026-01-02T03:04:05.678901Z"}\
      """;

  private static Schema schema(JsonNode node) {
    return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(node);
  }

  @Test
  void aRecordOfVersion0BecomesOneOfThePresent() {
    // Given
    JsonNode old = JSON.readTree(VERSION_0);
    JsonNode before = old.deepCopy();
    assertThat(
            schema(Documents.resource("schemas/released/question-asked.v0.schema.json"))
                .validate(old))
        .isEmpty();
    Schema present = schema(Documents.read(Contracts.schema("question-asked")));
    assertThat(present.validate(old)).isNotEmpty();

    // When
    JsonNode current = QuestionAskedUpcast.current(old);

    // Then
    assertThat(present.validate(current)).isEmpty();
    assertThat(current.get("schemaVersion").asInt()).isEqualTo(QuestionAskedUpcast.CURRENT);
    QuestionAsked asked =
        JSON.rebuild()
            .disable(tools.jackson.databind.DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build()
            .treeToValue(current, QuestionAsked.class);
    assertThat(asked.answerId()).hasToString("00000000-0000-0002-0000-000000000002");
    assertThat(asked.content()).isEqualTo("why?");
    assertThat(old).as("what was given is not changed").isEqualTo(before);
    assertThat(QuestionAskedUpcast.current(current)).isSameAs(current);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"answerId\":\"x\"}",
        "{\"schemaVersion\":1}",
        "{\"schemaVersion\":2}",
        "[]",
        "null",
        "7"
      })
  void everythingElseStaysAsItIs(String record) {
    JsonNode given = JSON.readTree(record);
    assertThat(QuestionAskedUpcast.current(given)).isSameAs(given);
  }
}
