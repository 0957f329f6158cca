package dev.penstock.local;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static dev.penstock.local.Visits.ask;
import static dev.penstock.local.Visits.screenshot;
import static dev.penstock.local.Visits.startConversation;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

/// An answer as a person sees it grow, stops it, and asks again, at two browsers.
@Timeout(240)
@EnabledIf(
    value = "dev.penstock.local.Browser#isInstalled",
    disabledReason = "Chromium is not installed")
class AnswersBrowserTest {
  private static final LocatorAssertions.IsVisibleOptions SOON =
      new LocatorAssertions.IsVisibleOptions().setTimeout(60_000);

  private static Browser browser;

  @BeforeAll
  static void launch() throws Exception {
    browser = new Browser();
  }

  @AfterAll
  static void close() throws Exception {
    browser.close();
  }

  @Test
  void anAnswerGrowsIsStoppedFailsAndIsAskedAgain() throws Exception {
    // Given a conversation that is open in two browsers
    String run = UUID.randomUUID().toString().substring(0, 8);
    Page first = Visits.signIn(browser, "bob " + run, "");
    startConversation(first, "How water becomes light");
    Page second = Visits.signIn(browser, "bob " + run, "");
    second.locator("[data-testid=conversation]").first().click();
    assertThat(second.locator("[data-testid=composer]")).isVisible(SOON);
    second.evaluate(SeenTexts.WATCH);

    // When an answer is written slowly
    ask(first, "slow: what does a penstock do? " + run);
    assertThat(second.getByText("Writing…")).isVisible(SOON);
    screenshot(second, "answer-grows");
    assertThat(answer(second, "completed")).isVisible(SOON);

    // Then it was seen to grow, and never to change what was there
    List<SeenTexts.Seen> seen = SeenTexts.of(second);
    String whole = seen.getLast().text();
    System.out.println("lengths seen: " + seen.stream().map(each -> each.text().length()).toList());
    assertThat(seen).hasSizeGreaterThanOrEqualTo(3);
    assertThat(seen).allSatisfy(each -> assertThat(whole).startsWith(each.text()));
    assertThat(seen).extracting(each -> each.text().length()).isSorted();

    // When another is stopped from the other browser
    String endless = "endless: and how long is it? " + run;
    ask(first, endless);
    assertThat(answer(second, "generating")).containsText("A penstock takes", containsSoon());
    second.locator("[data-testid=stop]").click();

    // Then both keep what there was, and the model is left alone
    assertThat(answer(second, "cancelled")).containsText("Stopped.", containsSoon());
    assertThat(answer(first, "cancelled")).containsText("Stopped.", containsSoon());
    String partial = answer(second, "cancelled").locator(".text").textContent();
    assertThat(partial).startsWith("A penstock takes");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> SharedPenstock.model().said().gone().containsKey(endless));

    // When one fails and is asked again
    ask(first, "What if it is refused once? " + run);
    assertThat(answer(first, "failed")).containsText("cannot be used", containsSoon());
    answer(first, "failed").locator("[data-testid=ask-again]").click();
    assertThat(answer(first, "completed")).hasCount(2, countSoon());

    // Then the failed one stays, and all of it after a reload
    List<String> states = List.of("completed", "cancelled", "failed", "completed");
    assertThat(states(first)).isEqualTo(states);
    first.reload();
    assertThat(answer(first, "completed")).hasCount(2, countSoon());
    assertThat(states(first)).isEqualTo(states);
    assertThat(answer(first, "cancelled").locator(".text")).hasText(partial.strip());
    screenshots(first);
    assertThat(Files.readAllLines(SharedPenstock.log()))
        .as("one clear line")
        .noneMatch(line -> line.contains("Aggregation Error"))
        .filteredOn(line -> line.contains("An answer failed"))
        .hasSize(1);
  }

  private static void screenshots(Page page) {
    for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
      page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
      String name = "answers-" + scheme.name().toLowerCase(Locale.ROOT);
      page.setViewportSize(1180, 900);
      screenshot(page, name);
      page.setViewportSize(390, 844);
      screenshot(page, name + "-narrow");
    }
    page.setViewportSize(1180, 760);
  }

  private static Locator answer(Page page, String status) {
    return page.locator("li[data-role=assistant][data-status=" + status + "]");
  }

  private static List<String> states(Page page) {
    return page.locator("li[data-role=assistant]").all().stream()
        .map(row -> row.getAttribute("data-status"))
        .toList();
  }

  private static LocatorAssertions.ContainsTextOptions containsSoon() {
    return new LocatorAssertions.ContainsTextOptions().setTimeout(60_000);
  }

  private static LocatorAssertions.HasCountOptions countSoon() {
    return new LocatorAssertions.HasCountOptions().setTimeout(60_000);
  }
}
