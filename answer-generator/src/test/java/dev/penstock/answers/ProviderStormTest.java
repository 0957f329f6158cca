package dev.penstock.answers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.penstock.contracts.QuestionAsked;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/// A provider that refuses everybody for a while, or for good.
class ProviderStormTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final int QUESTIONS = 8;

  private final Conversations conversations = new Conversations();

  @AfterEach
  void close() {
    conversations.close();
  }

  @Test
  void aStormOfRefusalsIsWaitedOutByAllAndLosesNoAnswer() throws Exception {
    // Given a server that refuses everything for three seconds from the first request on
    AtomicLong first = new AtomicLong();
    try (ModelServer server =
            new ModelServer((request, reply) -> {
              first.compareAndSet(0, System.nanoTime());
              if (System.nanoTime() - first.get() < Duration.ofSeconds(3).toNanos()) {
                reply.refuse(429, Map.of("Retry-After", "1"));
              } else {
                reply.begin();
                reply.text("fine");
                reply.finish("stop");
              }
            });
        var _ = generator(server, Map.of("attempts", 6, "longest-pause", "5s"))) {
      // When
      List<QuestionAsked> questions = new ArrayList<>();
      for (int i = 0; i < QUESTIONS; i++) {
        conversations.newConversation();
        questions.add(conversations.ask("question " + i));
      }

      // Then
      questions.forEach(asked -> awaitStatus(asked, "completed"));
      assertThat(conversations.deadLetters()).isEmpty();
      assertThat(server.requests().size())
          .as("each waits as long as it was told to")
          .isLessThanOrEqualTo(QUESTIONS * 5);
    }
  }

  @Test
  void anAnswerThatAProviderRefusesIsOneClearWarning() throws Exception {
    // Given the service with its own log levels
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    try (ModelServer server = new ModelServer((request, reply) -> reply.refuse(401, Map.of()));
        var _ = AnswersApplication.start(conversations.settings(model(server)))) {
      log.start();
      root.addAppender(log);

      // When
      QuestionAsked asked = conversations.ask("A secret question");
      awaitStatus(asked, "failed");
      await().atMost(SOON).until(() -> log.list.stream().anyMatch(ProviderStormTest::isWarning));

      // Then
      List<ILoggingEvent> warnings =
          List.copyOf(log.list).stream().filter(ProviderStormTest::isWarning).toList();
      assertThat(warnings)
          .singleElement()
          .satisfies(warning -> {
            assertThat(warning.getLoggerName()).startsWith("dev.penstock.answers");
            assertThat(warning.getThrowableProxy()).isNull();
            assertThat(warning.getKeyValuePairs().toString())
                .contains(asked.answerId().toString(), "HTTP 401")
                .doesNotContain("secret");
          });
    } finally {
      root.detachAppender(log);
    }
  }

  private static boolean isWarning(ILoggingEvent event) {
    return event.getLevel().isGreaterOrEqual(Level.WARN);
  }

  private RunningGenerator generator(ModelServer server, Map<String, Object> changes) {
    return new RunningGenerator(
        conversations, changes, conversations.properties(model(server)).answerer());
  }

  private static Map<String, Object> model(ModelServer server) {
    return Map.of("llm.base-url", server.url(), "llm.model", "m");
  }

  private void awaitStatus(QuestionAsked asked, String status) {
    await().atMost(SOON).until(() -> conversations.answer(asked).status().equals(status));
  }
}
