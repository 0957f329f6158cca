package dev.penstock.gateway.shape;

import dev.penstock.gateway.http.StrictJson;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;
import tools.jackson.databind.node.ObjectNode;

/// The body of a POST, written anew: Electric merges any other key of a body over the query,
/// `table` and, in the nested form, `where` included.
final class SubsetBody {
  private static final List<String> TEXTS = List.of("where", "order_by");
  private static final List<String> NUMBERS = List.of("limit", "offset");

  private SubsetBody() {}

  /// The flat form, with the keys that narrow a shape and no other
  static String rewrite(byte[] body) throws ShapeRefusal {
    ObjectNode given;
    try {
      given = StrictJson.object(body.length == 0 ? new byte[] {'{', '}'} : body);
    } catch (IllegalArgumentException notJson) {
      throw ShapeRefusal.invalidBody(
          400,
          "is not a JSON object".equals(notJson.getMessage())
              ? "Request body must be a JSON object"
              : "Invalid JSON in request body");
    }
    JsonNode nested = given.get("subset");
    if (nested != null) {
      if (!(nested instanceof ObjectNode inner)) {
        throw ShapeRefusal.invalid("subset", "must be an object");
      }
      if (given.size() > 1) {
        throw ShapeRefusal.invalid("subset", "can't be given beside other keys");
      }
      given = inner;
    }
    ObjectNode subset = StrictJson.object();
    for (String name : TEXTS) {
      JsonNode value = present(given, name);
      if (!value.isMissingNode()) {
        require(value.isString(), name, "must be a text");
        boolean narrows =
            name.equals("where")
                ? SubsetText.isCondition(value.stringValue())
                : SubsetText.isOrder(value.stringValue());
        if (!narrows) {
          throw ShapeRefusal.notASubset(name);
        }
        subset.set(name, value);
      }
    }
    for (String name : NUMBERS) {
      JsonNode value = present(given, name);
      if (!value.isMissingNode()) {
        require(
            value.isIntegralNumber() && value.canConvertToLong() && value.longValue() >= 0,
            name,
            "must be a whole number");
        subset.set(name, value);
      }
    }
    JsonNode params = present(given, "params");
    if (!params.isMissingNode()) {
      require(params.isObject(), "params", "must be an object");
      for (JsonNode value : params) {
        require(value.isValueNode() && !value.isNull(), "params", "must have texts for values");
      }
      subset.set("params", params);
    }
    return subset.toString();
  }

  private static JsonNode present(ObjectNode given, String name) {
    JsonNode value = given.path(name);
    return value.isNull() ? MissingNode.getInstance() : value;
  }

  private static void require(boolean holds, String field, String reason) throws ShapeRefusal {
    if (!holds) {
      throw ShapeRefusal.invalid(field, reason);
    }
  }
}
