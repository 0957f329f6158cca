package dev.penstock.gateway.shape;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// A parameter that a caller gives to a [ShapePolicy].
public interface ShapeParameter {
  String name();

  /// The value in the one form that all callers share: equal shapes must be equal texts
  String accept(@Nullable JsonNode value) throws InvalidParameterException;

  static ShapeParameter uuid(String name) {
    return new UuidParameter(name);
  }

  /// A UUID in its usual form, in either case.
  record UuidParameter(String name) implements ShapeParameter {
    private static final Pattern UUID =
        Pattern.compile(
            "\\p{XDigit}{8}-\\p{XDigit}{4}-\\p{XDigit}{4}-\\p{XDigit}{4}-\\p{XDigit}{12}");

    @Override
    public String accept(@Nullable JsonNode value) throws InvalidParameterException {
      if (value == null) {
        throw new InvalidParameterException("params." + name, "is missing");
      }
      if (!value.isString() || !UUID.matcher(value.stringValue()).matches()) {
        throw new InvalidParameterException("params." + name, "must be a UUID");
      }
      return value.stringValue().toLowerCase(Locale.ROOT);
    }
  }
}
