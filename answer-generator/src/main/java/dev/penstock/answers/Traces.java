package dev.penstock.answers;

import dev.penstock.contracts.trace.Spans;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The spans of answers in work: `answer`, from the question's arrival to its end, and under it
/// `model call`. An answer that was not taken from Kafka here, but by the sweep, has none.
final class Traces {
  private static final int MAX = 10_000;

  private final Spans spans;
  private final Map<UUID, Spans.Open> answers =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<UUID, Spans.Open> eldest) {
          return size() > MAX;
        }
      };

  Traces(Spans spans) {
    this.spans = spans;
  }

  /// @param traceParent of the question's record
  void begin(UUID answerId, @Nullable String traceParent) {
    if (!spans.isOn() || traceParent == null) {
      return;
    }
    synchronized (answers) {
      // What comes again is one answer still.
      if (!answers.containsKey(answerId)) {
        spans
            .begin("answer", traceParent)
            .ifPresent(span ->
                answers.put(answerId, span.with("penstock.message_id", answerId.toString())));
      }
    }
  }

  /// What the answer's writes carry on; null where it is not traced.
  @Nullable String of(UUID answerId) {
    synchronized (answers) {
      Spans.Open open = answers.get(answerId);
      return open == null ? null : open.traceParent();
    }
  }

  void end(UUID answerId, Outcome outcome) {
    switch (outcome) {
      case COMPLETED, FAILED, CANCELLED, FENCED -> {
        Optional<Spans.Open> ended;
        synchronized (answers) {
          ended = Optional.ofNullable(answers.remove(answerId));
        }
        ended.ifPresent(span ->
            span.with("penstock.outcome", outcome.name().toLowerCase(java.util.Locale.ROOT)).end());
      }
      case DEFERRED, NOT_VISIBLE, RELEASED -> {}
    }
  }

  /// The same answerer, whose calls are spans.
  Answerer calls(Answerer answerer) {
    if (!spans.isOn()) {
      return answerer;
    }
    return new Answerer() {
      @Override
      public void answer(Question question, AnswerSink sink)
          throws AnswerRefusedException, InterruptedException {
        Optional<Spans.Open> call = spans.begin("model call", of(question.answerId()));
        try {
          answerer.answer(question, sink);
        } finally {
          call.ifPresent(Spans.Open::end);
        }
      }

      @Override
      public boolean continues() {
        return answerer.continues();
      }
    };
  }
}
