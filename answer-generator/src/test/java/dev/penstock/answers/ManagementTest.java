package dev.penstock.answers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.contracts.QuestionAsked;
import dev.penstock.management.Management;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What whoever deploys it can read of it.
class ManagementTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final Conversations conversations = new Conversations();

  @AfterEach
  void close() {
    conversations.close();
  }

  @Test
  void everyNumberOfAnAnswerCanBeReadAndNoneNamesIt() throws Exception {
    // Given
    try (RunningGenerator generator =
            new RunningGenerator(
                conversations,
                Map.of(),
                (question, sink) -> {
                  sink.append("An answer.");
                  sink.used(7, 11);
                });
        Management management = generator.management()) {
      // When
      QuestionAsked asked = conversations.ask("How many?");
      await().atMost(SOON).until(() -> generator.ended(Outcome.COMPLETED) == 1);

      // Then
      // What the sweeper counts is as old as its last look.
      await()
          .atMost(SOON)
          .untilAsserted(() ->
              assertThat(get(management, "/actuator/prometheus").body().lines())
                  .contains("penstock_answers_queue_age_ms 0.0", "penstock_answers_in_flight 0.0"));
      String metrics = get(management, "/actuator/prometheus").body();
      assertThat(metrics.lines())
          .contains(
              "penstock_answers_first_token_seconds_count 1",
              "penstock_answers_seconds_count{outcome=\"completed\"} 1",
              "penstock_answers_waited_seconds_count 1",
              "penstock_answers_tokens_total{of=\"prompt\"} 7.0",
              "penstock_answers_tokens_total{of=\"answer\"} 11.0",
              "penstock_answers_updates_count 1",
              "penstock_answers_amplification_count 1",
              "penstock_answers_takeovers_total 0.0",
              "penstock_answers_writes_fenced_total 0.0",
              "penstock_answers_dead_letters 0.0");
      assertThat(metrics)
          .doesNotContain(asked.answerId().toString())
          .doesNotContain(asked.conversationId().toString());
      assertThat(labels(metrics)).as("bounded ones only").isSubsetOf("outcome", "of", "le");
    }
  }

  private static Set<String> labels(String metrics) {
    Set<String> labels = new HashSet<>();
    Pattern.compile("[{,]([a-z_]+)=")
        .matcher(metrics)
        .results()
        .forEach(label -> labels.add(label.group(1)));
    return labels;
  }

  @Test
  void aWorkerIsReadyOnceItTakesQuestionsAndAnswersNothingElse() throws Exception {
    try (RunningGenerator generator =
            new RunningGenerator(conversations, Map.of(), RunningGenerator.echo());
        Management management = generator.management()) {
      await()
          .atMost(SOON)
          .until(() -> get(management, "/actuator/health/readiness").statusCode() == 200);
      assertThat(get(management, "/actuator/health/liveness").body())
          .isEqualTo("{\"status\":\"UP\"}");
      assertThat(get(management, "/actuator/health").statusCode()).isEqualTo(200);
      for (String path : List.of("/", "/actuator", "/actuator/health/db", "/answers")) {
        assertThat(get(management, path).statusCode()).as(path).isEqualTo(404);
      }
      HttpRequest post =
          HttpRequest.newBuilder(uri(management, "/actuator/health"))
              .POST(HttpRequest.BodyPublishers.ofString("x"))
              .build();
      assertThat(HTTP.send(post, HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(405);
    }
  }

  @Test
  void withoutKafkaItIsAliveAndNotReadyAndWhatWaitsTooLongIsDown() throws Exception {
    // Given an answer that nobody takes
    QuestionAsked asked = conversations.question("Anybody?");
    conversations.insert(conversations.jdbc, asked);
    conversations
        .jdbc
        .sql("update messages set updated_at = now() - interval '1 min' where id = ?")
        .param(asked.answerId())
        .update();
    try (RunningGenerator generator =
            new RunningGenerator(
                conversations,
                Map.of("kafka-bootstrap-servers", "localhost:1", "longest-queue-age", "30s"),
                RunningGenerator.echo());
        Management management = generator.management()) {
      // When
      await().atMost(SOON).until(() -> generator.gauge("queue.age.ms") > 0);

      // Then
      assertThat(get(management, "/actuator/health/readiness").statusCode()).isEqualTo(503);
      assertThat(get(management, "/actuator/health/liveness").statusCode()).isEqualTo(200);
      HttpResponse<String> health = get(management, "/actuator/health");
      assertThat(health.statusCode()).isEqualTo(503);
      assertThat(health.body())
          .contains("\"intake\":{\"status\":\"DOWN\"}", "\"database\":{\"status\":\"UP\"}")
          .contains("\"queue\":{\"status\":\"DOWN\"");
    }
  }

  @Test
  void aModelThatSaysNothingMakesUnreadyUntilItSpeaksAgain() throws Exception {
    CountDownLatch thaw = new CountDownLatch(1);
    try (RunningGenerator generator =
            new RunningGenerator(
                conversations,
                Map.of("longest-silence", "2s"),
                (question, sink) -> {
                  sink.append("Well, ");
                  thaw.await();
                  sink.append("here it is.");
                });
        Management management = generator.management()) {
      await().atMost(SOON).until(() -> readiness(management) == 200);
      QuestionAsked asked = conversations.ask("Are you there?");
      await().atMost(SOON).until(() -> readiness(management) == 503);
      assertThat(get(management, "/actuator/health").body())
          .contains("\"model\":{\"status\":\"DOWN\"", "\"intake\":{\"status\":\"UP\"}");
      thaw.countDown();
      await().atMost(SOON).until(() -> readiness(management) == 200);
      await().atMost(SOON).until(() -> conversations.answer(asked).status().equals("completed"));
    }
  }

  private static int readiness(Management management) throws Exception {
    return get(management, "/actuator/health/readiness").statusCode();
  }

  static HttpResponse<String> get(Management management, String path) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(uri(management, path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static URI uri(Management management, String path) {
    return URI.create("http://127.0.0.1:" + management.port() + path);
  }
}
