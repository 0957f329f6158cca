package dev.penstock.bridge.router;

import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;

/// Postgres' text of an array as a JSON array, nested where it has dimensions.
final class ArrayText {
  private final String text;
  private final JsonGenerator json;
  private final Consumer<String> element;
  private int at;

  private ArrayText(String text, JsonGenerator json, Consumer<String> element) {
    this.text = text;
    this.json = json;
    this.element = element;
  }

  /// @param delimiter `;` for boxes, else `,`
  /// @param element writes what is not null
  static void write(String text, char delimiter, JsonGenerator json, Consumer<String> element) {
    ArrayText array = new ArrayText(text, json, element);
    if (text.startsWith("[")) {
      // Bounds other than 1: `[0:1]={a,b}`. Nobody's JSON has them.
      array.at = text.indexOf('=') + 1;
    }
    array.array(delimiter);
  }

  private void array(char delimiter) {
    json.writeStartArray();
    at++;
    while (text.charAt(at) != '}') {
      if (text.charAt(at) == delimiter) {
        at++;
      }
      if (text.charAt(at) == '{') {
        array(delimiter);
      } else {
        value(delimiter);
      }
    }
    at++;
    json.writeEndArray();
  }

  private void value(char delimiter) {
    if (text.charAt(at) == '"') {
      element.accept(quoted());
      return;
    }
    int start = at;
    while (text.charAt(at) != delimiter && text.charAt(at) != '}') {
      at++;
    }
    String value = text.substring(start, at);
    if (value.equals("NULL")) {
      json.writeNull();
    } else {
      element.accept(value);
    }
  }

  private String quoted() {
    StringBuilder value = new StringBuilder();
    for (at++; text.charAt(at) != '"'; at++) {
      if (text.charAt(at) == '\\') {
        at++;
      }
      value.append(text.charAt(at));
    }
    at++;
    return value.toString();
  }
}
