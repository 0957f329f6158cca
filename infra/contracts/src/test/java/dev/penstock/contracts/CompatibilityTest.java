package dev.penstock.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A schema that is to be released is copied to `schemas/released/<name>.v<n>.schema.json`; what
/// was released is never edited.
class CompatibilityTest {
  private static final String OLD =
      """
      {"type": "object", "required": ["a"], "properties": {
        "a": {"type": "string", "minLength": 2}, "b": {"type": ["string", "null"]},
        "c": {"type": "object", "properties": {"d": {"type": "integer"}}}, "e": {"enum": ["x", "y"]}}}\
      """;

  static List<String> names() throws Exception {
    return Documents.files("schemas").stream()
        .map(name -> name.replace(".schema.json", ""))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("names")
  void readersWithTheSchemaReadWhatWasReleased(String name) throws Exception {
    String released =
        Documents.files("schemas/released").stream()
            .filter(file -> file.matches(name + "\\.v[0-9]+\\.schema\\.json"))
            .max(Comparator.comparingInt(CompatibilityTest::version))
            .orElseThrow(() -> new AssertionError(name + " was never released"));
    assertThat(
            Compatibility.refusals(
                Documents.resource("schemas/released/" + released),
                Documents.read(Contracts.schema(name))))
        .as("%s against %s", name, released)
        .isEmpty();
  }

  private static int version(String file) {
    return Integer.parseInt(file.replaceAll(".*\\.v([0-9]+)\\..*", "$1"));
  }

  private static List<String> refusals(String from, String to) {
    assertThat(OLD).contains(from);
    return Compatibility.refusals(Documents.parse(OLD), Documents.parse(OLD.replace(from, to)));
  }

  @Test
  void theSameAndAWiderSchemaAreAllowed() {
    assertThat(refusals("\"a\"]", "\"a\"]")).isEmpty();
    assertThat(refusals("[\"a\"]", "[]")).isEmpty();
    assertThat(refusals("\"minLength\": 2", "\"minLength\": 1")).isEmpty();
    assertThat(refusals("[\"x\", \"y\"]", "[\"x\", \"y\", \"z\"]")).isEmpty();
    assertThat(refusals("\"integer\"", "\"number\"")).isEmpty();
    assertThat(
            refusals("\"properties\": {\n", "\"properties\": {\"new\": {\"type\": \"string\"},\n"))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[\"a\"]→[\"a\", \"b\"]",
        "\"minLength\": 2→\"minLength\": 3",
        "\"minLength\": 2→\"minLength\": 2, \"format\": \"uuid\"",
        "[\"string\", \"null\"]→\"string\"",
        "\"integer\"→\"string\"",
        "[\"x\", \"y\"]→[\"x\"]",
        "{\"type\": \"object\", \"required\"→{\"type\": \"object\", \"additionalProperties\": false, \"required\"",
        "{\"type\": \"object\", \"required\"→{\"anyOf\": [], \"type\": \"object\", \"required\""
      })
  void aNarrowerSchemaIsRefused(String change) {
    int arrow = change.indexOf('→');
    assertThat(refusals(change.substring(0, arrow), change.substring(arrow + 1))).hasSize(1);
  }

  @Test
  void theRenamesOfVersion1NeededAnUpcast() {
    assertThat(
            Compatibility.refusals(
                Documents.resource("schemas/released/question-asked.v0.schema.json"),
                Documents.read(Contracts.schema("question-asked"))))
        .hasSize(4)
        .contains("/questionId became required");
  }
}
