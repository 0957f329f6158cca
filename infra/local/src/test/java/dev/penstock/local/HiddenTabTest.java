package dev.penstock.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The page in a tab that a person does not look at: another tab is in front of it.
@Timeout(240)
@EnabledIf(
    value = "dev.penstock.local.Browser#isInstalled",
    disabledReason = "Chromium is not installed")
class HiddenTabTest {
  /// Notes the requests for shapes and the tokens that were given, and sends expired ones in the
  /// place of those in `__expired`: as if the tab had been hidden for longer than they live.
  private static final String WATCH =
      """
      window.__shapes = [];
      window.__tokens = [];
      window.__expired = {};
      window.__visibility = [];
      document.addEventListener('visibilitychange', () => window.__visibility.push(document.visibilityState));
      const real = window.fetch;
      window.fetch = async (input, init) => {
        const url = new URL(String(input?.url ?? input), location.href);
        if (url.pathname === '/shapes/auth-token') {
          const response = await real(input, init);
          if (response.ok) window.__tokens.push((await response.clone().json()).token);
          return response;
        }
        if (url.pathname !== '/shape') return real(input, init);
        const headers = new Headers(init?.headers);
        const token = headers.get('authorization').split(' ')[1];
        headers.set('authorization', 'Bearer ' + (window.__expired[token] ?? token));
        const entry = {
          table: url.searchParams.get('table'),
          conversation: url.searchParams.get('conversationId'),
          offset: url.searchParams.get('offset'),
          live: url.searchParams.has('live'),
          hidden: document.hidden,
          status: 0,
          next: '',
        };
        window.__shapes.push(entry);
        const response = await real(input, { ...init, headers });
        entry.status = response.status;
        entry.next = response.headers.get('electric-offset') ?? '';
        return response;
      };
      """;

  private static final String ANSWERED =
      "document.querySelectorAll('li[data-role=assistant][data-status=completed]').length === ";

  @Test
  void aTokenThatExpiresWhileTheTabIsHiddenIsRenewedAndItsStreamsGoOnAtTheirOffsets()
      throws Exception {
    String user = "hidden " + UUID.randomUUID().toString().substring(0, 8);
    try (Tabs tabs = new Tabs()) {
      // Given a conversation that is up to date and waits for more
      Tabs.Tab tab = tabs.open(SharedPenstock.url(), WATCH);
      tab.fill("[data-testid=login-name]", user);
      tab.click("[data-testid=login]");
      tab.fill("[data-testid=conversation-title]", "Hidden");
      tab.click("[data-testid=new-conversation]");
      tab.fill("[data-testid=composer]", "Asked while it is seen");
      tab.click("[data-testid=send]");
      tab.awaitTrue(ANSWERED + 1);
      tab.awaitTrue(waiting("messages", 0));
      tab.awaitTrue(waiting("conversations", 0));

      // When another tab is in front of it, its tokens expire, and something is written
      Tabs.Tab front = tabs.open("about:blank", "");
      front.bringToFront();
      tab.awaitTrue("document.hidden");
      Api api = Api.login(SharedPenstock.url(), user);
      UUID conversation =
          UUID.fromString(
              tab.evaluate("__shapes.find((shape) => shape.conversation).conversation").asString());
      expire(tab, api);
      int before = tab.evaluate("__shapes.length").asInt();
      api.ask(conversation, UUID.randomUUID(), UUID.randomUUID(), "Asked while it is hidden");
      String token = api.shapeToken(conversation);
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> api.shape(token, "offset=-1").body().split("\"completed\"", -1).length >= 5);

      // Then it asks nothing while it is hidden
      assertThat(tab.evaluate("__shapes.length").asInt()).isEqualTo(before);
      assertThat(tab.evaluate("document.hidden").asBoolean()).isTrue();

      // When it is seen again
      tab.bringToFront();

      // Then it goes on from where it was, with new tokens and without a snapshot
      tab.awaitTrue(ANSWERED + 2);
      tab.awaitTrue(waiting("messages", before));
      tab.awaitTrue(waiting("conversations", before));
      assertThat(tab.evaluate("__visibility")).hasToString("[\"hidden\",\"visible\"]");
      JsonNode all = tab.evaluate("__shapes");
      for (String table : List.of("messages", "conversations")) {
        List<JsonNode> asked =
            all.valueStream()
                .skip(before)
                .filter(shape -> shape.get("table").asString().equals(table))
                .toList();
        String reached =
            all.valueStream()
                .limit(before)
                .filter(shape -> shape.get("table").asString().equals(table))
                .map(shape -> shape.get("next").asString())
                .filter(next -> !next.isEmpty())
                .reduce("", (_, next) -> next);
        assertThat(asked).as(table).noneMatch(shape -> offset(shape).equals("-1"));
        assertThat(asked.getFirst().get("status").asInt()).as("expired, %s", asked).isEqualTo(401);
        assertThat(
                asked.stream()
                    .filter(shape -> shape.get("status").asInt() != 401)
                    .map(HiddenTabTest::offset)
                    .findFirst())
            .as("%s", asked)
            .contains(reached);
      }
      assertThat(
              tab.evaluate(
                      "[...document.querySelectorAll('li[data-role=user]')].map((row) => row.innerText).join()")
                  .asString())
          .containsSubsequence("Asked while it is seen", "Asked while it is hidden");
    }
  }

  /// A request that waits for changes of the table, after the first `skipped` requests: an aborted
  /// one of before looks like one that waits.
  private static String waiting(String table, int skipped) {
    return "__shapes.slice(%d).some((shape) => shape.live && shape.status === 0 && !shape.hidden && shape.table === '%s')"
        .formatted(skipped, table);
  }

  private static String offset(JsonNode shape) {
    return shape.get("offset").asString();
  }

  private static void expire(Tabs.Tab tab, Api api) throws Exception {
    Map<String, String> expired = new HashMap<>();
    for (JsonNode token : tab.evaluate("__tokens").values()) {
      expired.put(token.asString(), expired(token.asString()));
    }
    assertThat(expired)
        .isNotEmpty()
        .allSatisfy((good, bad) -> {
          assertThat(api.shape(good, "offset=now").statusCode()).isEqualTo(200);
          assertThat(api.shape(bad, "offset=now").statusCode()).isEqualTo(401);
        });
    tab.evaluate("Object.assign(__expired, %s)".formatted(Api.JSON.writeValueAsString(expired)));
  }

  /// The same token, signed by the same key, but for its end.
  private static String expired(String token) throws GeneralSecurityException, IOException {
    String[] parts = token.split("\\.", -1);
    ObjectNode claims = (ObjectNode) Api.JSON.readTree(Base64.getUrlDecoder().decode(parts[1]));
    claims.put("exp", System.currentTimeMillis() / 1000 - 1);
    Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
    String signed = parts[0] + "." + base64.encodeToString(Api.JSON.writeValueAsBytes(claims));
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(
        new SecretKeySpec(SharedPenstock.secrets().shapeToken().getBytes(UTF_8), "HmacSHA256"));
    return signed + "." + base64.encodeToString(mac.doFinal(signed.getBytes(UTF_8)));
  }
}
