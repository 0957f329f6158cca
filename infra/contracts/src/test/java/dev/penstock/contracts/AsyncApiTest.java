package dev.penstock.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class AsyncApiTest {
  private static final JsonNode DOCUMENT = Documents.read(Contracts.asyncApi());

  /// By the code: a topic that is added there must be added here.
  private static Set<String> topics() throws Exception {
    Topics topics = new Topics("penstock");
    Set<String> names = new TreeSet<>();
    for (var method : Topics.class.getDeclaredMethods()) {
      if (method.getReturnType() == String.class
          && !List.of("toString", "prefix").contains(method.getName())) {
        names.add(
            (String)
                (method.getParameterCount() == 0
                    ? method.invoke(topics)
                    : method.invoke(topics, "public", "messages")));
      }
    }
    return names;
  }

  @Test
  void everyTopicOfTheCodeIsInTheDocumentAndTheOtherWayRound() throws Exception {
    Set<String> documented =
        DOCUMENT
            .get("channels")
            .valueStream()
            .map(channel -> channel.get("address").asString().replace("{table}", "messages"))
            .filter(address -> !address.startsWith("{topic}"))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(documented).isEqualTo(topics());
    assertThat(documented).hasSize(5);
    assertThat(DOCUMENT.at("/channels/deadLetters/address").asString()).isEqualTo("{topic}.dlq");
  }

  @Test
  void theKeyedTopicsHaveTheirPartitions() {
    for (String channel : List.of("changes", "questions", "questionsDeadLetters", "deadLetters")) {
      assertThat(DOCUMENT.at("/channels/" + channel + "/bindings/kafka/partitions").asInt())
          .isEqualTo(Topics.KEYED_PARTITIONS);
    }
  }

  @Test
  void everyHeaderOfTheCodeIsInTheDocumentAndTheOtherWayRound() {
    Set<String> code =
        Arrays.stream(Headers.class.getDeclaredFields())
            .filter(field -> field.getType() == String.class)
            .map(AsyncApiTest::value)
            .collect(Collectors.toSet());
    Set<String> documented =
        DOCUMENT
            .at("/components/schemas")
            .valueStream()
            .flatMap(AsyncApiTest::properties)
            .collect(Collectors.toSet());
    assertThat(documented).isEqualTo(code);
  }

  @Test
  void everySchemaIsUsedAndThere() throws Exception {
    assertThat(
            Documents.references(DOCUMENT)
                .filter(reference -> reference.startsWith("./schemas/"))
                .map(reference -> reference.substring("./schemas/".length()))
                .distinct())
        .containsExactlyInAnyOrderElementsOf(
            Documents.files("schemas").stream()
                .filter(name -> !name.startsWith("message-row"))
                .toList());
  }

  @Test
  void everyReferenceWithinTheDocumentsLeadsSomewhere() {
    for (JsonNode document :
        List.of(
            DOCUMENT,
            Documents.read(Contracts.openApi()),
            Documents.read(Contracts.operations()))) {
      assertThat(Documents.references(document).filter(reference -> reference.startsWith("#")))
          .isNotEmpty()
          .allSatisfy(reference ->
              assertThat(document.at(reference.substring(1)).isMissingNode()).isFalse());
    }
  }

  private static Stream<String> properties(JsonNode schema) {
    return Stream.concat(
        schema.path("properties").propertyNames().stream(),
        schema.path("allOf").valueStream().flatMap(AsyncApiTest::properties));
  }

  private static String value(Field constant) {
    try {
      return (String) constant.get(null);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }
}
