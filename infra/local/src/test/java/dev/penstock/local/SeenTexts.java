package dev.penstock.local;

import com.microsoft.playwright.Page;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// What a page showed of answers, and when.
final class SeenTexts {
  /// Notes each text of each answer, from now on.
  static final String WATCH =
      """
      window.__texts = [];
      const last = new Map();
      const note = () => {
        for (const paragraph of document.querySelectorAll('li[data-role=assistant] .text')) {
          const id = paragraph.closest('li').dataset.messageId;
          const text = paragraph.textContent;
          if (last.get(id) === text) continue;
          last.set(id, text);
          window.__texts.push({ id, text, at: Date.now() });
        }
      };
      new MutationObserver(note).observe(document.body, { childList: true, subtree: true, characterData: true });
      """;

  /// @param at by this machine's clock, in milliseconds
  record Seen(String id, String text, long at) {}

  private SeenTexts() {}

  static List<Seen> of(Page page) {
    return ((List<?>) page.evaluate("window.__texts"))
        .stream()
            .map(Map.class::cast)
            .map(each ->
                new Seen(
                    Objects.requireNonNull(each.get("id")).toString(),
                    Objects.requireNonNull(each.get("text")).toString(),
                    ((Number) Objects.requireNonNull(each.get("at"))).longValue()))
            .toList();
  }
}
