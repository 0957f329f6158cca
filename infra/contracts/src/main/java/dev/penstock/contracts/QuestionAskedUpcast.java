package dev.penstock.contracts;

import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Brings a `QuestionAsked` of an older version to the present one, so that a reader knows only
/// that: the topic keeps what was written years ago, and a replay brings it back.
///
/// `schemaVersion` says the version; a record without it is of version 1. Version 0 had the names
/// of the columns. A version newer than this reader stays as it is: what it still understands of it
/// is by name, and writers are upgraded after readers.
public final class QuestionAskedUpcast {
  /// The version of [QuestionAsked] and of `schemas/question-asked.schema.json`.
  public static final int CURRENT = 1;

  private static final String VERSION = "schemaVersion";
  private static final Map<String, String> RENAMED_IN_1 =
      Map.of(
          "question_id", "questionId",
          "answer_id", "answerId",
          "conversation_id", "conversationId",
          "asked_at", "askedAt");

  private QuestionAskedUpcast() {}

  /// The record in its present form; the one given is not changed. What is no `QuestionAsked` of
  /// any version comes back as it is.
  public static JsonNode current(JsonNode record) {
    return record instanceof ObjectNode object && record.path(VERSION).asInt(CURRENT) == 0
        ? from0(object)
        : record;
  }

  private static ObjectNode from0(ObjectNode old) {
    ObjectNode current = old.objectNode();
    old.properties()
        .forEach(field ->
            current.set(
                RENAMED_IN_1.getOrDefault(field.getKey(), field.getKey()), field.getValue()));
    current.put(VERSION, 1);
    return current;
  }
}
