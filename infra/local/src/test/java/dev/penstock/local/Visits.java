package dev.penstock.local;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import java.nio.file.Path;

/// What a person does at the page.
final class Visits {
  private static final LocatorAssertions.IsVisibleOptions SOON =
      new LocatorAssertions.IsVisibleOptions().setTimeout(20_000);

  private Visits() {}

  static Page signIn(Browser browser, String user, String initScript) {
    Page page = browser.window(initScript);
    page.navigate(SharedPenstock.url());
    page.locator("[data-testid=login-name]").fill(user);
    page.locator("[data-testid=login]").click();
    assertThat(page.locator("[data-testid=new-conversation]")).isVisible(SOON);
    return page;
  }

  static void startConversation(Page page, String title) {
    page.locator("[data-testid=conversation-title]").fill(title);
    page.locator("[data-testid=new-conversation]").click();
    assertThat(
            page.locator("[data-testid=conversation][data-synced=true]")
                .filter(new Locator.FilterOptions().setHasText(title)))
        .isVisible(SOON);
    assertThat(page.locator("[data-testid=composer]")).isVisible(SOON);
  }

  static void ask(Page page, String content) {
    page.locator("[data-testid=composer]").fill(content);
    page.locator("[data-testid=send]").click();
  }

  static void screenshot(Page page, String name) {
    Path file = SharedPenstock.Directories.artifacts().resolve(name + ".png");
    page.screenshot(new Page.ScreenshotOptions().setPath(file));
    System.out.println("screenshot: " + file);
  }
}
