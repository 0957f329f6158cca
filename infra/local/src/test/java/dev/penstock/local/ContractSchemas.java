package dev.penstock.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import dev.penstock.contracts.Contracts;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.http.HttpResponse;
import java.util.Locale;
import java.util.Map;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The documents of the contract, and what is valid by them.
final class ContractSchemas {
  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(
          SpecificationVersion.DRAFT_2020_12,
          builder ->
              builder.schemaRegistryConfig(
                  SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));

  private ContractSchemas() {}

  static JsonNode document(URL url) {
    try (InputStream in = url.openStream()) {
      Map<String, Object> yaml = new Yaml().load(in);
      return Api.JSON.valueToTree(yaml);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void assertValid(JsonNode value, String schema) {
    JsonNode closed = document(Contracts.schema(schema));
    close(closed);
    assertValid(value, closed, schema);
  }

  /// Kafka's headers, against one of AsyncAPI's schemas.
  static void assertHeaders(JsonNode headers, JsonNode asyncApi, String schema) {
    ObjectNode whole = beside(asyncApi.at("/components/schemas/" + schema), asyncApi);
    // One schema may add to another, so neither can be closed by itself.
    whole.put("unevaluatedProperties", false);
    assertValid(headers, whole, schema);
  }

  /// With the documents' own components beside it, so that its references lead there.
  private static ObjectNode beside(JsonNode schema, JsonNode document) {
    ObjectNode whole = Api.JSON.createObjectNode();
    whole.setAll((ObjectNode) schema);
    whole.set("components", document.get("components").deepCopy());
    return whole;
  }

  private static void assertValid(JsonNode value, JsonNode schema, String what) {
    assertThat(REGISTRY.getSchema(schema).validate(value)).as("%s: %s", what, value).isEmpty();
  }

  /// Readers must bear what they do not know, so the documents leave objects open; but what is
  /// written must be documented.
  private static void close(JsonNode schema) {
    if (schema instanceof ObjectNode object
        && object.path("properties").isObject()
        && !object.has("additionalProperties")) {
      object.put("additionalProperties", false);
    }
    schema.forEach(ContractSchemas::close);
  }

  /// Whether the answer is one that OpenAPI has for the operation.
  static void assertDocumented(
      JsonNode openApi, String method, String path, HttpResponse<String> answer) {
    String what = method + " " + path + " " + answer.statusCode();
    JsonNode responses =
        openApi.path("paths").path(path).path(method.toLowerCase(Locale.ROOT)).path("responses");
    JsonNode response = responses.path(Integer.toString(answer.statusCode()));
    if (response.isMissingNode()) {
      assertThat(answer.statusCode()).as(what + answer.body()).isGreaterThanOrEqualTo(400);
      response = responses.path("default");
    }
    if (response.has("$ref")) {
      response = openApi.at(response.get("$ref").asString().substring(1));
    }
    assertThat(response.isObject()).as(what).isTrue();
    if (answer.body().isEmpty()) {
      return;
    }
    String type = answer.headers().firstValue("content-type").orElse("").replaceFirst(";.*", "");
    JsonNode content = response.path("content").path(type);
    assertThat(content.isObject()).as(what + " as " + type).isTrue();
    JsonNode closed = beside(content.get("schema").deepCopy(), openApi);
    close(closed);
    JsonNode body =
        type.endsWith("json")
            ? Api.JSON.readTree(answer.body())
            : Api.JSON.valueToTree(answer.body());
    assertValid(body, closed, what);
  }
}
