package dev.penstock.answers;

import dev.penstock.contracts.trace.Spans;
import dev.penstock.management.Management;
import io.micrometer.core.instrument.Counter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// A started generator, its meters, and how often each question came to its answerer.
final class RunningGenerator implements AutoCloseable {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Map<UUID, Integer> calls;
  private final AnswerGenerator generator;

  RunningGenerator(Conversations conversations, Map<String, Object> changes, Answerer answerer) {
    this(conversations, changes, answerer, new ConcurrentHashMap<>());
  }

  /// @param calls may be shared by several
  RunningGenerator(
      Conversations conversations,
      Map<String, Object> changes,
      Answerer answerer,
      Map<UUID, Integer> calls) {
    this.calls = calls;
    this.generator =
        new AnswerGenerator(
            conversations.properties(changes), new Counted(answerer, calls), registry, Spans.OFF);
    generator.start();
  }

  private record Counted(Answerer answerer, Map<UUID, Integer> calls) implements Answerer {
    @Override
    public void answer(Question question, AnswerSink sink)
        throws AnswerRefusedException, InterruptedException {
      calls.merge(question.answerId(), 1, Integer::sum);
      answerer.answer(question, sink);
    }

    @Override
    public boolean continues() {
      return answerer.continues();
    }
  }

  static Answerer echo() {
    return (question, sink) -> {
      sink.append("re: ");
      sink.append(question.content());
    };
  }

  Management management() {
    return Management.start("penstock.answers", "127.0.0.1", 0, generator.health(), registry);
  }

  int calls(UUID answerId) {
    return calls.getOrDefault(answerId, 0);
  }

  double count(String name) {
    Counter counter = registry.find("penstock.answers." + name).counter();
    return counter == null ? 0 : counter.count();
  }

  double gauge(String name) {
    return registry.get("penstock.answers." + name).gauge().value();
  }

  double summary(String name) {
    return registry.get("penstock.answers." + name).summary().mean();
  }

  double timerMillis(String name) {
    return registry.get("penstock.answers." + name).timer().mean(TimeUnit.MILLISECONDS);
  }

  long ended(Outcome outcome) {
    var timer =
        registry
            .find("penstock.answers")
            .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
            .timer();
    return timer == null ? 0 : timer.count();
  }

  @Override
  public void close() {
    generator.close();
  }
}
