package dev.penstock.local;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static dev.penstock.local.Visits.screenshot;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions.HasTextOptions;
import com.microsoft.playwright.options.ColorScheme;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Pattern;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

/// The analytics consumer as the launcher starts it, at a browser.
@Timeout(300)
@EnabledIf(
    value = "dev.penstock.local.Browser#isInstalled",
    disabledReason = "Chromium is not installed")
class AnalyticsPageTest {
  private static final int QUESTIONS = 15;
  private static final String DRAWN_FOR_THIS_WIDTH =
      """
      () => ["per-minute", "times"].every(id => {
        const place = document.getElementById(id);
        return place.firstChild.viewBox.baseVal.width === place.clientWidth;
      })
      """;
  private static final HasTextOptions SOON = new HasTextOptions().setTimeout(90_000);

  @Test
  void whatIsAskedAndAnsweredIsCounted() throws Exception {
    try (Browser browser = new Browser()) {
      // Given a conversation with more questions than any other test asks
      Api alice = Api.login(SharedPenstock.url(), "analytics-" + UUID.randomUUID());
      UUID conversation = alice.createConversation("How many?");
      for (int i = 0; i < QUESTIONS; i++) {
        String how = i == 0 ? "slow: how many? " : "How many? ";
        alice.ask(conversation, UUID.randomUUID(), UUID.randomUUID(), how + i);
      }

      // When somebody looks at that conversation
      Page page = browser.window("");
      List<String> errors = new ArrayList<>();
      page.onConsoleMessage(message -> {
        if (message.type().equals("error")) {
          errors.add(message.text());
        }
      });
      page.navigate(SharedPenstock.analyticsUrl());
      page.locator("#conversations button[title='" + conversation + "']").click();

      // Then its numbers are there, without a reload
      assertThat(page.locator("#questions")).hasText("" + QUESTIONS, SOON);
      assertThat(page.locator("#answers")).hasText("" + QUESTIONS, SOON);
      assertThat(page.locator("#p50")).hasText(Pattern.compile("[0-9.]+ (ms|s)"));
      assertThat(page.locator("#health")).hasClass("up");
      assertThat(page.locator("#warning")).isHidden();
      screenshots(page, "analytics-conversation");
      page.locator("#scope button").click();
      assertThat(page.locator("#scope")).isHidden();
      screenshots(page, "analytics");
      Assertions.assertThat(errors).isEmpty();
    }
  }

  private static void screenshots(Page page, String name) {
    for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
      page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(scheme));
      for (int width : new int[] {1180, 390}) {
        page.setViewportSize(width, width == 390 ? 1700 : 1120);
        Assertions.assertThat(
                page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
            .as("fits in %d", width)
            .isEqualTo(true);
        page.waitForFunction(DRAWN_FOR_THIS_WIDTH);
        screenshot(page, name + "-" + scheme.name().toLowerCase(Locale.ROOT) + "-" + width);
      }
    }
  }
}
