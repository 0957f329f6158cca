package dev.penstock.local;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

/// The way of a question, as a person sees it.
@Timeout(240)
@EnabledIf(
    value = "dev.penstock.local.Browser#isInstalled",
    disabledReason = "Chromium is not installed")
class PipelineViewTest {
  private static final int QUESTIONS = Integer.getInteger("penstock.pipeline.questions", 5);
  private static final LocatorAssertions.HasAttributeOptions SOON =
      new LocatorAssertions.HasAttributeOptions().setTimeout(30_000);

  @Test
  void aSentQuestionIsSeenAtEveryStationOfItsWayAndTheLastOnesAsAPlot() throws Exception {
    try (Browser browser = new Browser()) {
      Page page = browser.window("");
      List<String> errors = new CopyOnWriteArrayList<>();
      page.onConsoleMessage(message -> {
        if (message.type().equals("error")) {
          errors.add(message.text());
        }
      });
      page.navigate(SharedPenstock.url());
      page.locator("[data-testid=login-name]")
          .fill("carol " + UUID.randomUUID().toString().substring(0, 8));
      page.locator("[data-testid=login]").click();
      page.locator("[data-testid=conversation-title]").fill("Turbines");
      page.locator("[data-testid=new-conversation]").click();
      assertThat(page.locator("[data-testid=conversation][data-synced=true]"))
          .isVisible(new LocatorAssertions.IsVisibleOptions().setTimeout(20_000));
      page.locator("[data-testid=pipeline-toggle]").click();
      assertThat(page.locator("[data-testid=pipeline]")).isVisible();
      screenshot(page, "pipeline-empty");

      Locator confirmed = page.locator("li[data-role=user][data-delivery=confirmed]");
      for (int i = 1; i <= QUESTIONS; i++) {
        page.locator("[data-testid=composer]").fill("Question " + i + ": why a penstock?");
        page.locator("[data-testid=send]").click();
        assertThat(confirmed)
            .hasCount(i, new LocatorAssertions.HasCountOptions().setTimeout(30_000));
      }
      Locator state = page.locator("[data-testid=pipeline-state]");
      assertThat(state).hasAttribute("data-state", "arrived", SOON);
      for (String station :
          List.of("sent", "committed", "in-log", "in-topics", "released", "seen")) {
        assertThat(page.locator("li[data-station=" + station + "]"))
            .hasAttribute("data-status", "done", SOON);
      }
      assertThat(page.locator(".plot .bar"))
          .hasCount(QUESTIONS, new LocatorAssertions.HasCountOptions().setTimeout(60_000));
      screenshot(page, "pipeline-light");
      page.emulateMedia(new Page.EmulateMediaOptions().setColorScheme(ColorScheme.DARK));
      screenshot(page, "pipeline-dark");
      page.setViewportSize(420, 800);
      screenshot(page, "pipeline-narrow");
      assertThat(errors).isEmpty();
    }
  }

  private static void screenshot(Page page, String name) {
    Path file = SharedPenstock.Directories.artifacts().resolve(name + ".png");
    page.screenshot(new Page.ScreenshotOptions().setPath(file));
    System.out.println("screenshot: " + file);
  }
}
