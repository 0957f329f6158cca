package dev.penstock.local;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static dev.penstock.local.Visits.ask;
import static dev.penstock.local.Visits.screenshot;
import static dev.penstock.local.Visits.startConversation;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;

/// The whole way as a person sees it.
@Timeout(240)
@EnabledIf(
    value = "dev.penstock.local.Browser#isInstalled",
    disabledReason = "Chromium is not installed")
class BrowserTest {
  /// Holds back the POST of a question until `__open()`, and keeps what it returned.
  private static final String GATE =
      """
      window.__sent = [];
      window.__gate = Promise.resolve();
      window.__close = () => { window.__gate = new Promise((open) => { window.__open = open }) };
      const real = window.fetch;
      window.fetch = async (input, init) => {
        if (!String(input?.url ?? input).includes('/questions/send')) return real(input, init);
        await window.__gate;
        const response = await real(input, init);
        window.__sent.push(await response.clone().json());
        return response;
      };
      """;

  /// Notes every message that was on the page and is not any more, at each change of the page and
  /// at each frame.
  private static final String WATCH =
      """
      window.__vanished = [];
      const seen = new Set();
      const check = () => {
        const now = new Set([...document.querySelectorAll('li[data-message-id]')].map((row) => row.dataset.messageId));
        for (const id of seen) if (!now.has(id)) window.__vanished.push(id);
        for (const id of now) seen.add(id);
      };
      new MutationObserver(check).observe(document.body, { childList: true, subtree: true });
      const frame = () => { check(); requestAnimationFrame(frame) };
      frame();
      """;

  private static final LocatorAssertions.IsVisibleOptions SOON =
      new LocatorAssertions.IsVisibleOptions().setTimeout(20_000);

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
  void aQuestionIsSeenAtOnceConfirmedByItsTxidAndAnswered() {
    String user = "alice " + UUID.randomUUID().toString().substring(0, 8);
    Page alice = signIn(user, GATE);
    startConversation(alice, "Turbines");
    Page secondBrowser = signIn(user, "");
    secondBrowser.locator("[data-testid=conversation]").first().click();
    alice.evaluate(WATCH);
    alice.evaluate("window.__neverReloaded = true");

    // While the POST is held back, both rows are on the page.
    alice.evaluate("window.__close()");
    ask(alice, "Why does a turbine need a penstock?");
    Locator question = alice.locator("li[data-role=user]");
    Locator answer = alice.locator("li[data-role=assistant]");
    assertThat(question).containsText("Why does a turbine need a penstock?");
    assertThat(answer).containsText("Generating answer…");
    assertThat(question).hasAttribute("data-synced", "false");
    assertThat(alice.evaluate("window.__sent.length")).isEqualTo(0);
    screenshot(alice, "optimistic");

    // The txid that the POST returned confirms them.
    alice.evaluate("window.__open()");
    assertThat(alice.locator("li[data-role=user][data-delivery=confirmed]")).isVisible(SOON);
    String txid = alice.evaluate("String(window.__sent[0].txid)").toString();
    assertThat(question).hasAttribute("data-txid", txid);
    assertThat(question).hasAttribute("data-synced", "true");

    // The answer comes by sync, here and in the second browser.
    assertThat(alice.locator("li[data-role=assistant][data-status=completed]")).isVisible(SOON);
    assertThat(answer).not().containsText("Generating answer…");
    assertThat(alice.evaluate("window.__neverReloaded")).isEqualTo(true);
    assertThat(alice.evaluate("window.__vanished.length"))
        .as("rows that vanished, for a frame or longer")
        .isEqualTo(0);
    assertThat(secondBrowser.locator("li[data-role=user]"))
        .containsText("Why does a turbine need a penstock?");
    assertThat(secondBrowser.locator("li[data-role=assistant][data-status=completed]"))
        .isVisible(SOON);
    screenshot(alice, "answered");

    // Another user sees none of it, also at the conversation's own address.
    Page mallory = signIn("mallory " + UUID.randomUUID().toString().substring(0, 8), "");
    assertThat(mallory.getByText("No conversations yet.")).isVisible(SOON);
    mallory.navigate(alice.url());
    assertThat(
            mallory
                .locator("[data-testid=sync-trouble][data-kind=stopped]")
                .or(mallory.getByText("No conversations yet."))
                .first())
        .isVisible(SOON);
    assertThat(mallory.locator("li[data-message-id]")).hasCount(0);
  }

  @Test
  void theNextSendIsAsQuickWithEightConversationsOpenedOneAfterTheOther() {
    Page page = signIn("many " + UUID.randomUUID().toString().substring(0, 8), GATE);
    List<Integer> millis = new ArrayList<>();
    for (int i = 1; i <= 8; i++) {
      startConversation(page, "Conversation " + i);
      ask(page, "Question in conversation " + i);
      Locator confirmed = page.locator("li[data-role=user][data-delivery=confirmed]");
      assertThat(confirmed).hasCount(1, new LocatorAssertions.HasCountOptions().setTimeout(5_000));
      millis.add(Integer.parseInt(confirmed.getAttribute("data-confirmed-millis")));
    }
    System.out.println("send to confirmed in eight conversations, ms: " + millis);
    assertThat(page.locator("[data-testid=conversation]")).hasCount(8);
    screenshot(page, "eight-conversations");
  }

  @Test
  void aFailedSendShowsTheErrorAndTakesTheRowsBack() {
    Page page = signIn("failing " + UUID.randomUUID().toString().substring(0, 8), "");
    startConversation(page, "Failing");
    ask(page, "This one arrives");
    assertThat(page.locator("li[data-role=assistant][data-status=completed]")).isVisible(SOON);
    page.route(
        "**/questions/send",
        route ->
            route.fulfill(
                new com.microsoft.playwright.Route.FulfillOptions()
                    .setStatus(422)
                    .setContentType("application/problem+json")
                    .setBody(
                        "{\"status\":422,\"title\":\"Refused\",\"detail\":\"refused by the test\"}")));
    ask(page, "This one does not");
    assertThat(page.locator("[data-testid=send-error]")).containsText("refused by the test");
    assertThat(page.locator("li[data-message-id]")).hasCount(2);
    screenshot(page, "failed-send");
    page.unroute("**/questions/send");
    page.locator("[data-testid=send-again]").click();
    assertThat(page.locator("li[data-role=user][data-delivery=confirmed]").last())
        .containsText("This one does not");
  }

  private static Page signIn(String user, String initScript) {
    return Visits.signIn(browser, user, initScript);
  }
}
