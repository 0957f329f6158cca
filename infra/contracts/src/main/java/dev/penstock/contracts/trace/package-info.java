/// The spans of a command's way, one trace from the browser's `traceparent` on. Off unless an OTLP
/// endpoint is set; then a span is made only where the trace is sampled.
@NullMarked
package dev.penstock.contracts.trace;

import org.jspecify.annotations.NullMarked;
