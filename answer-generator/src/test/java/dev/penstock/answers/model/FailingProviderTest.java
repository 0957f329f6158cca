package dev.penstock.answers.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.answers.AnswerRefusedException;
import dev.penstock.answers.AttemptFailedException;
import dev.penstock.answers.ModelServer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// A model's server over real HTTP that does not do its part.
class FailingProviderTest {
  private final Asking asking = new Asking();

  @Test
  void aStreamThatEndsWithoutAFinishIsAFailedAttempt() {
    assertFails(
        "the stream was cut",
        (request, reply) -> {
          reply.begin();
          reply.text("half");
          reply.event("[DONE]");
          reply.end();
        });
  }

  @Test
  void aConnectionThatBreaksIsAFailedAttempt() {
    assertFails(
        "OpenAIIoException|.*Exception",
        (request, reply) -> {
          reply.begin();
          reply.text("half");
        });
    assertThat(asking.text()).isEqualTo("half");
  }

  @Test
  void aMalformedEventIsAFailedAttempt() {
    assertFails(
        ".*Exception",
        (request, reply) -> {
          reply.begin();
          reply.text("half");
          reply.event("{ not json");
          reply.finish("stop");
        });
  }

  @Test
  void anErrorInsideTheStreamIsAFailedAttempt() {
    assertFails(
        ".*Exception",
        (request, reply) -> {
          reply.begin();
          reply.text("half");
          reply.event("{\"error\":{\"message\":\"overloaded\"}}");
          reply.finish("stop");
        });
  }

  @Test
  void aServerThatGoesQuietIsAFailedAttemptAndLeftAlone() throws Exception {
    CompletableFuture<Boolean> left = new CompletableFuture<>();
    asking.idleTimeout = Duration.ofSeconds(1);
    assertFails(
        "nothing came for 1 s",
        (request, reply) -> {
          reply.begin();
          reply.text("half");
          // It drips, so that no read of the socket takes long.
          reply.raw("ff\r\ndata: ");
          while (!reply.awaitGone(100)) {
            reply.raw("x");
          }
          left.complete(true);
        });
    assertThat(left.get(2, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void anEmptyAnswerIsAFailedAttempt() {
    assertFails("an empty answer", (request, reply) -> Asking.whole(reply, ""));
  }

  @Test
  void whatTheProviderAsksForIsPassedOn() throws Exception {
    try (ModelServer server =
        new ModelServer((request, reply) -> reply.refuse(429, Map.of("Retry-After", "2")))) {
      ChatAnswerer answerer = asking.answerer(server, "", 8_000);
      assertThatThrownBy(() -> answerer.answer(Asking.QUESTION, asking))
          .isInstanceOf(AttemptFailedException.class)
          .hasMessage("HTTP 429")
          .extracting("after")
          .isEqualTo(Duration.ofSeconds(2));

      // And all other requests of this instance wait, too
      long start = System.nanoTime();
      assertThatThrownBy(() -> answerer.answer(Asking.QUESTION, asking)).hasMessage("HTTP 429");
      assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(1_500));
      assertThat(server.requests()).as("the SDK repeats nothing by itself").hasSize(2);
    }
  }

  @Test
  void aServerErrorIsAFailedAttemptAndAWrongKeyIsFinal() throws Exception {
    assertFails("HTTP 500", (request, reply) -> reply.refuse(500, Map.of()));
    try (ModelServer server = new ModelServer((request, reply) -> reply.refuse(401, Map.of()))) {
      assertThatThrownBy(
              () -> asking.answerer(server, "wrong", 8_000).answer(Asking.QUESTION, asking))
          .isInstanceOf(AnswerRefusedException.class)
          .hasMessage("The language model cannot be used at the moment.")
          .extracting("forOperators")
          .isEqualTo("HTTP 401");
    }
  }

  @Test
  void aFilteredAnswerIsRefused() throws Exception {
    try (ModelServer server =
        new ModelServer((request, reply) -> {
          reply.begin();
          reply.finish("content_filter");
        })) {
      assertThatThrownBy(() -> asking.answerer(server, "", 8_000).answer(Asking.QUESTION, asking))
          .isInstanceOf(AnswerRefusedException.class)
          .hasMessage("The language model declined to answer this question.");
    }
  }

  private void assertFails(String cause, ModelServer.Script script) {
    assertThatThrownBy(
            () -> {
              try (ModelServer server = new ModelServer(script)) {
                asking.answerer(server, "", 8_000).answer(Asking.QUESTION, asking);
              }
            })
        .isInstanceOf(AttemptFailedException.class)
        .message()
        .matches(cause);
  }
}
