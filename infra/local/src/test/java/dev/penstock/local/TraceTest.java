package dev.penstock.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.penstock.local.OtlpReceiver.Span;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// One question is one trace, as a collector sees it.
@Timeout(240)
class TraceTest {
  private static final String BROWSER = "00f067aa0ba902b7";
  private static OtlpReceiver collector;
  private static WholeWay way;

  @BeforeAll
  static void start() throws Exception {
    collector = new OtlpReceiver();
    way = new WholeWay("--otlp-endpoint=" + collector.endpoint());
  }

  @AfterAll
  static void stop() {
    way.close();
    collector.close();
  }

  @Test
  void aQuestionsWholeWayIsOneTraceAndTheStepsOfItsTxidAreSpansOfIt() {
    Api alice = Api.login(way.url, "alice");
    String trace = newTrace();
    UUID conversation = alice.createConversation("traced");
    HttpResponse<String> asked = ask(alice, conversation, "00-" + trace + "-" + BROWSER + "-01");
    assertThat(asked.statusCode()).as(asked.body()).isEqualTo(200);

    await()
        .atMost(Duration.ofSeconds(90))
        .until(() -> has("answer").test(collector.of(trace)) && completed(collector.of(trace)));

    List<Span> spans = collector.of(trace);
    Map<String, Span> byId = new HashMap<>();
    spans.forEach(span -> byId.put(span.id(), span));
    Span gateway = one(spans, "gateway", BROWSER);
    Span command = one(spans, "command", gateway.id());
    Span committed = one(spans, "committed", command.id());
    Span answer = one(spans, "answer", committed.id());
    Span call = one(spans, "model call", answer.id());
    assertThat(gateway.service()).isEqualTo("gateway");
    assertThat(command.service()).isEqualTo("command-service");
    assertThat(answer.service()).isEqualTo("answer-generator");
    assertThat(call.service()).isEqualTo("answer-generator");
    for (Span cause : List.of(committed, answer)) {
      Span inLog = first(spans, "in-log", cause.id());
      Span inTopics = first(spans, "in-topics", cause.id());
      Span released = first(spans, "released", cause.id());
      assertThat(inLog.service()).isEqualTo("replication-bridge");
      assertThat(inTopics.service()).isEqualTo("replication-bridge");
      assertThat(released.service()).isEqualTo("shape-server");
      assertThat(inTopics.start()).isGreaterThanOrEqualTo(inLog.start() / 1_000_000 * 1_000_000);
      assertThat(inTopics.end()).isGreaterThanOrEqualTo(inLog.end());
    }
    assertThat(spans)
        .allSatisfy(span -> {
          assertThat(span.end()).isGreaterThanOrEqualTo(span.start());
          assertThat(span.parent().equals(BROWSER) || byId.containsKey(span.parent()))
              .as("the parent of %s is there", span)
              .isTrue();
        });
    long questions = spans.stream().filter(span -> span.parent().equals(committed.id())).count();
    assertThat(questions).as("steps of the question's transaction, and the answer").isEqualTo(4);
  }

  @Test
  void whatIsNotSampledMakesNoSpan() {
    Api bob = Api.login(way.url, "bob");
    UUID conversation = bob.createConversation("not traced");
    String unsampled = newTrace();
    String sampled = newTrace();
    assertThat(ask(bob, conversation, "00-" + unsampled + "-" + BROWSER + "-00").statusCode())
        .isEqualTo(200);
    assertThat(ask(bob, conversation, "00-" + sampled + "-" + BROWSER + "-01").statusCode())
        .isEqualTo(200);

    // The second answer comes behind the first.
    await()
        .atMost(Duration.ofSeconds(90))
        .untilAsserted(() ->
            assertThat(completed(collector.of(sampled)))
                .as("every step is in %s", collector.of(sampled))
                .isTrue());

    assertThat(collector.of(unsampled)).isEmpty();
  }

  /// The last update of the answer is released, and its record is in the topics.
  private static boolean completed(List<Span> spans) {
    return spans.stream()
        .filter(has -> has.name().equals("answer"))
        .anyMatch(answer ->
            List.of("in-log", "in-topics", "released").stream()
                .allMatch(step ->
                    spans.stream()
                        .anyMatch(span ->
                            span.name().equals(step) && span.parent().equals(answer.id()))));
  }

  private static Predicate<List<Span>> has(String name) {
    return spans -> spans.stream().anyMatch(span -> span.name().equals(name));
  }

  private static Span one(List<Span> spans, String name, String parent) {
    List<Span> found = named(spans, name, parent);
    assertThat(found).as("%s under %s in %s", name, parent, spans).hasSize(1);
    return found.getFirst();
  }

  private static Span first(List<Span> spans, String name, String parent) {
    List<Span> found = named(spans, name, parent);
    assertThat(found).as("%s under %s in %s", name, parent, spans).isNotEmpty();
    return found.getFirst();
  }

  private static List<Span> named(List<Span> spans, String name, String parent) {
    return spans.stream()
        .filter(span -> span.name().equals(name) && span.parent().equals(parent))
        .toList();
  }

  private static HttpResponse<String> ask(Api api, UUID conversation, String traceParent) {
    return api.post(
        "/questions/send",
        Map.of(
            "conversationId",
            conversation,
            "questionId",
            UUID.randomUUID(),
            "answerId",
            UUID.randomUUID(),
            "content",
            "Where does this go?"),
        "traceparent",
        traceParent);
  }

  private static String newTrace() {
    byte[] id = new byte[16];
    new Random().nextBytes(id);
    return HexFormat.of().formatHex(id);
  }
}
