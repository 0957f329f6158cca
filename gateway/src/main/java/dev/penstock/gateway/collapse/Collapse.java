package dev.penstock.gateway.collapse;

import dev.penstock.gateway.http.Upstream;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/// An upstream whose equal requests are sent once.
public final class Collapse {
  private final Upstream upstream;
  private final CollapseSettings settings;
  private final CollapseMetrics metrics;
  private final LatelyCut latelyCut;
  private final ConcurrentMap<Object, SharedAnswer> answers = new ConcurrentHashMap<>();

  public Collapse(Upstream upstream, CollapseSettings settings, MeterRegistry meters) {
    this.upstream = upstream;
    this.settings = settings;
    this.metrics = new CollapseMetrics(meters);
    this.latelyCut = new LatelyCut(settings.alone());
  }

  /// What is asked.
  ///
  /// @param key equal keys mean equal answers, whoever asks
  /// @param shared whether equal ones may share an answer at all
  /// @param request sent by the first that asks
  /// @param reuse called once, with the head: how long the whole answer may be given to equal
  ///   requests after its end
  public record Question(
      Object key,
      boolean shared,
      Upstream.Request request,
      Function<Upstream.Head, Duration> reuse) {}

  /// Hands head and body of the answer to `answer`, in the event loop of `client`.
  ///
  /// @param client where the body is written to: it is read at the pace of this channel
  /// @param name of who reads, over several requests; one who was cut for being slow has exchanges
  ///   of its own for a while, so that it gets on
  /// @return fails as [Upstream#exchange] does, and the body with [CutException]
  public Mono<Void> fetch(
      Question question,
      Channel client,
      String name,
      BiFunction<Upstream.Head, Flux<DataBuffer>, Mono<Void>> answer) {
    return Mono.defer(() -> {
      Reader reader = new Reader(client, settings.stall(), metrics);
      SharedAnswer shared = join(question, reader, latelyCut.contains(name));
      metrics.reader(1);
      Flux<DataBuffer> body =
          reader
              .doOnError(CutException.class, _ -> latelyCut.add(name))
              .doOnDiscard(DataBuffer.class, DataBufferUtils::release);
      return reader
          .head()
          .flatMap(head -> answer.apply(head, body))
          .doFinally(_ -> {
            metrics.reader(-1);
            shared.leave(reader);
          });
    });
  }

  private SharedAnswer join(Question question, Reader reader, boolean alone) {
    if (alone || !question.shared()) {
      SharedAnswer own = new SharedAnswer(true, settings, metrics, question.reuse(), _ -> {});
      own.join(reader);
      own.start(upstream, question.request());
      return own;
    }
    boolean[] made = new boolean[1];
    SharedAnswer answer =
        answers.compute(
            question.key(),
            (key, known) -> {
              if (known != null && known.join(reader)) {
                return known;
              }
              SharedAnswer mine =
                  new SharedAnswer(
                      false,
                      settings,
                      metrics,
                      question.reuse(),
                      closed -> answers.remove(key, closed));
              mine.join(reader);
              made[0] = true;
              return mine;
            });
    if (made[0]) {
      answer.start(upstream, question.request());
    } else {
      metrics.joined();
    }
    return answer;
  }
}
