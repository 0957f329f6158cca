package dev.penstock.analytics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReportQueryTest {
  private static final Instant NOW = Instant.parse("2026-11-23T10:15:42Z");

  @Test
  void withoutParametersTheLastHourIsAskedFor() throws Exception {
    assertThat(ReportQuery.parse(null, NOW))
        .isEqualTo(new ReportQuery(60, Instant.parse("2026-11-23T10:16:00Z"), 10, null));
  }

  @Test
  void everyParameterIsTaken() throws Exception {
    ReportQuery query =
        ReportQuery.parse(
            "minutes=5&conversations=0&until=2026-01-01T00%3A07:59Z"
                + "&conversation=00000000-0000-0007-0000-000000000007",
            NOW);
    assertThat(query.from()).isEqualTo("2026-01-01T00:02:00Z");
    assertThat(query.conversations()).isZero();
    assertThat(query.conversation()).hasToString("00000000-0000-0007-0000-000000000007");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "minutes=0",
        "minutes=1441",
        "minutes=-1",
        "minutes=",
        "minutes=9999999999",
        "minutes=1&minutes=2",
        "conversations=101",
        "until=yesterday",
        "until=1999-01-01T00:00:00Z",
        "conversation=1-1-1-1-1",
        "conversation=x",
        "where=1",
        "&",
        "minutes"
      })
  void everythingElseIsRefused(String query) {
    assertThatThrownBy(() -> ReportQuery.parse(query, NOW))
        .isInstanceOf(ReportQuery.RefusedException.class);
  }
}
