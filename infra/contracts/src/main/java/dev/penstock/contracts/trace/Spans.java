package dev.penstock.contracts.trace;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Makes one service's spans and sends them by OTLP over HTTP, in batches from a thread of its own.
/// What does not fit into its queue of 4096 is dropped: nothing waits for a collector.
public final class Spans implements AutoCloseable {
  /// Makes none.
  public static final Spans OFF = new Spans(null);

  private static final int QUEUE = 4_096;

  private final @Nullable SdkTracerProvider provider;
  private final @Nullable Tracer tracer;

  private Spans(@Nullable SdkTracerProvider provider) {
    this.provider = provider;
    tracer = provider == null ? null : provider.get("dev.penstock");
  }

  /// Spans of one service.
  ///
  /// @param endpoint of a collector, such as `http://localhost:4318`, with or without `/v1/traces`;
  ///   empty for none
  public static Spans of(String service, String endpoint) {
    if (endpoint.isBlank()) {
      return OFF;
    }
    String base = endpoint.strip().replaceAll("/+$", "");
    OtlpHttpSpanExporter exporter =
        OtlpHttpSpanExporter.builder()
            .setEndpoint(base.endsWith("/v1/traces") ? base : base + "/v1/traces")
            .setTimeout(Duration.ofSeconds(5))
            .build();
    return new Spans(
        SdkTracerProvider.builder()
            .setResource(
                Resource.create(
                    Attributes.builder()
                        .put("service.namespace", "penstock")
                        .put("service.name", service)
                        .build()))
            .addSpanProcessor(
                BatchSpanProcessor.builder(exporter)
                    .setMaxQueueSize(QUEUE)
                    .setScheduleDelay(Duration.ofSeconds(1))
                    .setExporterTimeout(Duration.ofSeconds(5))
                    .build())
            .build());
  }

  /// Whether any span is made at all.
  public boolean isOn() {
    return tracer != null;
  }

  /// A span that has begun. Thread-safe.
  public static final class Open {
    private final Span span;
    private final String traceParent;

    private Open(Span span) {
      this.span = span;
      SpanContext context = span.getSpanContext();
      traceParent = new TraceParent(context.getTraceId(), context.getSpanId(), true).toString();
    }

    /// What the next ones are made under.
    public String traceParent() {
      return traceParent;
    }

    public Open with(String attribute, long value) {
      span.setAttribute(attribute, value);
      return this;
    }

    public Open with(String attribute, String value) {
      span.setAttribute(attribute, value);
      return this;
    }

    public void end() {
      span.end();
    }

    /// Ends it at a time.
    ///
    /// @param micros since 1970-01-01 UTC
    public void endAt(long micros) {
      span.end(micros, TimeUnit.MICROSECONDS);
    }
  }

  /// Begins a span now; empty where none is made: they are off, or the trace is not sampled.
  ///
  /// @param parent a `traceparent`, or null
  public Optional<Open> begin(String name, @Nullable String parent) {
    return begin(name, parent, -1, SpanKind.INTERNAL);
  }

  /// Begins the span of a request that is served.
  public Optional<Open> serve(String name, @Nullable String parent) {
    return begin(name, parent, -1, SpanKind.SERVER);
  }

  /// Begins a span that began at a time.
  ///
  /// @param micros since 1970-01-01 UTC
  public Optional<Open> beginAt(String name, @Nullable String parent, long micros) {
    return begin(name, parent, micros, SpanKind.INTERNAL);
  }

  private Optional<Open> begin(String name, @Nullable String parent, long micros, SpanKind kind) {
    Tracer active = tracer;
    if (active == null || parent == null) {
      return Optional.empty();
    }
    return TraceParent.of(parent)
        .filter(TraceParent::sampled)
        .map(context -> {
          SpanBuilder span =
              active
                  .spanBuilder(name)
                  .setSpanKind(kind)
                  .setParent(
                      Context.root()
                          .with(
                              Span.wrap(
                                  SpanContext.createFromRemoteParent(
                                      context.traceId(),
                                      context.spanId(),
                                      TraceFlags.getSampled(),
                                      TraceState.getDefault()))));
          if (micros >= 0) {
            span.setStartTimestamp(micros, TimeUnit.MICROSECONDS);
          }
          return new Open(span.startSpan());
        });
  }

  /// A span that is over: from one time to another, microseconds since 1970-01-01 UTC. Clocks of
  /// two machines may differ, so that it would end before it began: then it has no length.
  public void record(String name, @Nullable String parent, long fromMicros, long toMicros) {
    beginAt(name, parent, fromMicros).ifPresent(span -> span.endAt(Math.max(fromMicros, toMicros)));
  }

  /// Now, in microseconds since 1970-01-01 UTC.
  public static long micros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  /// Sends what is there, for a second at most.
  @Override
  public void close() {
    if (provider != null) {
      var _ = provider.shutdown().join(1, TimeUnit.SECONDS);
    }
  }
}
