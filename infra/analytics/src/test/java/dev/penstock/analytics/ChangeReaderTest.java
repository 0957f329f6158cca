package dev.penstock.analytics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChangeReaderTest {
  private static final UUID ID = new UUID(1, 1);
  private final Records records = new Records();

  @ParameterizedTest
  @ValueSource(strings = {"c", "u", "r"})
  void aRowIsReadWhateverMadeIt(String op) {
    Change change =
        ChangeReader.read(records.put(0, op, ID, ",\"content\":\"h\u00e4\ud83d\ude00\"", -2L));
    assertThat(change)
        .isInstanceOfSatisfying(
            Change.Put.class,
            put -> {
              assertThat(put.row().characters()).isEqualTo(3);
              assertThat(put.row().replyTo()).isNull();
              assertThat(put.row().createdAt()).hasToString("2026-11-23T10:00");
              assertThat(put.row().updatedAt()).hasToString("2026-11-23T10:00:01.500");
              assertThat(put.row().commitLsn()).isEqualTo(-2L);
            });
  }

  @Test
  void aColumnThatWasAddedLaterChangesNothing() {
    assertThat(
            ChangeReader.read(
                records.put(0, "c", ID, ",\"content\":\"a\",\"mood\":{\"x\":[1]}", 1)))
        .isEqualTo(ChangeReader.read(records.put(0, "c", ID, ",\"content\":\"a\"", 1)));
  }

  @Test
  void aTextThatIsLeftOutIsNotAnEmptyOne() {
    assertThat(ChangeReader.read(records.put(0, "u", ID, "", 1)))
        .isInstanceOfSatisfying(
            Change.Put.class, put -> assertThat(put.row().characters()).isNull());
  }

  @Test
  void aDeleteAndATombstoneRemove() {
    assertThat(ChangeReader.read(records.delete(0, ID, 1))).isEqualTo(new Change.Remove(ID));
    assertThat(ChangeReader.read(records.record(0, ID, null, 1))).isEqualTo(new Change.Remove(ID));
  }

  @Test
  void aTruncateClears() {
    assertThat(ChangeReader.read(records.truncate(0, 1))).isEqualTo(new Change.Clear());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "[]",
        "{}",
        "{\"op\":\"x\"}",
        "{\"op\":7}",
        "{\"op\":\"c\",\"after\":null}",
        "{\"op\":\"c\",\"after\":{\"id\":\"secret\"}}",
        "{\"op\":\"u\"",
        "null"
      })
  void whatIsNoRecordIsSaidToBeSoWithoutItsContent(String value) {
    assertThat(ChangeReader.read(records.record(0, ID, value, 1)))
        .isInstanceOfSatisfying(
            Change.Unreadable.class,
            unreadable -> assertThat(unreadable.reason()).isNotBlank().doesNotContain("secret"));
  }

  @Test
  void aDeleteWithoutAKeyIsUnreadable() {
    assertThat(ChangeReader.read(records.record(0, null, Records.envelope("d", "null", "null"), 1)))
        .isInstanceOf(Change.Unreadable.class);
  }
}
