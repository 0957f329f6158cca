package dev.penstock.local;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static dev.penstock.local.Visits.ask;
import static dev.penstock.local.Visits.startConversation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// Measures what a person feels of an answer, on the whole stack, from the model's first token to a
/// second browser: `-Dpenstock.measure.answers=20` asks so many questions, and stops half as many
/// answers. It takes about 5 s for each.
@EnabledIfSystemProperty(named = "penstock.measure.answers", matches = "[1-9][0-9]*")
class AnswerSpeedTest {
  private static final int ANSWERS = Integer.getInteger("penstock.measure.answers", 1);
  private static final LocatorAssertions.HasCountOptions SOON =
      new LocatorAssertions.HasCountOptions().setTimeout(60_000);
  private static final LocatorAssertions.IsVisibleOptions VISIBLE =
      new LocatorAssertions.IsVisibleOptions().setTimeout(60_000);

  @Test
  void aFirstTextIsSeenWithinHalfASecondAndAStopWorksWithinOne() throws Exception {
    try (Browser browser = new Browser()) {
      String run = UUID.randomUUID().toString().substring(0, 8);
      Page first = Visits.signIn(browser, "carol " + run, "");
      startConversation(first, "Measured");
      Page second = Visits.signIn(browser, "carol " + run, "");
      second.locator("[data-testid=conversation]").first().click();
      assertThat(second.locator("[data-testid=composer]")).isVisible(VISIBLE);
      second.evaluate(SeenTexts.WATCH);

      // What is streamed
      List<Long> firstTexts = new ArrayList<>();
      double seconds = 0;
      for (int i = 1; i <= ANSWERS; i++) {
        String question = "slow " + run + "-" + i;
        ask(first, question);
        assertThat(answers(second, "completed")).hasCount(i, SOON);
        List<SeenTexts.Seen> seen = SeenTexts.of(second);
        String id = seen.getLast().id();
        List<SeenTexts.Seen> own = seen.stream().filter(each -> each.id().equals(id)).toList();
        long said = Objects.requireNonNull(SharedPenstock.model().said().first().get(question));
        firstTexts.add(own.getFirst().at() - said);
        seconds += (own.getLast().at() - own.getFirst().at()) / 1_000.0;
      }
      print("first token to first text in a second browser, ms", firstTexts);
      double updates = metric("penstock_answers_updates_sum");
      System.out.printf(
          Locale.ROOT,
          "%d answers: %.1f updates each, %.2f updates/s, amplification %.2f (most %.2f)%n",
          ANSWERS,
          updates / metric("penstock_answers_updates_count"),
          (updates - ANSWERS) / seconds,
          metric("penstock_answers_amplification_sum")
              / metric("penstock_answers_amplification_count"),
          metric("penstock_answers_amplification_max"));

      // What is stopped
      List<Long> closed = new ArrayList<>();
      List<Long> shown = new ArrayList<>();
      for (int i = 1; i <= (ANSWERS + 1) / 2; i++) {
        String question = "endless " + run + "-" + i;
        ask(first, question);
        assertThat(second.getByText("Writing…")).isVisible(VISIBLE);
        Locator stop = second.locator("[data-testid=stop]");
        long start = System.currentTimeMillis();
        stop.click();
        assertThat(answers(first, "cancelled")).hasCount(i, SOON);
        shown.add(System.currentTimeMillis() - start);
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> SharedPenstock.model().said().gone().containsKey(question));
        long gone = Objects.requireNonNull(SharedPenstock.model().said().gone().get(question));
        closed.add(gone - start);
      }
      print("stop to shown as stopped in the other browser, ms", shown);
      print("stop to the end of the model's call, ms", closed);
      assertThat(median(firstTexts)).isLessThanOrEqualTo(500);
      assertThat(median(closed)).isLessThanOrEqualTo(1_000);
      assertThat(metric("penstock_answers_amplification_max")).isLessThanOrEqualTo(3);
    }
  }

  private static Locator answers(Page page, String status) {
    return page.locator("li[data-role=assistant][data-status=" + status + "]");
  }

  private static void print(String what, List<Long> millis) {
    System.out.println(
        what
            + ": p50 "
            + median(millis)
            + ", most "
            + Collections.max(millis)
            + ", of "
            + millis.size());
  }

  private static long median(List<Long> millis) {
    return millis.stream().sorted().toList().get(millis.size() / 2);
  }

  private static double metric(String name) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(SharedPenstock.answersManagement() + "/prometheus"))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(request, HttpResponse.BodyHandlers.ofString())
          .body()
          .lines()
          .filter(line -> line.startsWith(name + " "))
          .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
          .findFirst()
          .orElseThrow();
    }
  }
}
