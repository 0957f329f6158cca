package dev.penstock.shapes.http;

import dev.penstock.shapes.log.Reading;
import dev.penstock.shapes.shape.ShapeDefinition;
import org.jspecify.annotations.Nullable;

/// One request, with what its parameters mean and where the log is read for it.
///
/// @param ifNoneMatch the request's header, null without it
record Asked(
    ShapeParameters request,
    Definitions.Resolved resolved,
    Reading reading,
    @Nullable String ifNoneMatch) {

  ShapeDefinition shape() {
    return resolved.shape();
  }
}
