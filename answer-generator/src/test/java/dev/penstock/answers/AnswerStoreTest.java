package dev.penstock.answers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.contracts.QuestionAsked;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AnswerStoreTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  private final Conversations conversations = new Conversations();
  private final AnswerStore store = new AnswerStore(Conversations.sharedDatabase());
  private final QuestionAsked asked = conversations.question("Who may write?");

  @BeforeEach
  void insert() {
    conversations.insert(conversations.jdbc, asked);
  }

  @Test
  void oneHoldsALeaseUntilItEnds() {
    // Given
    Lease first = claim("a", LONG);

    // Then
    assertThat(store.claim(asked.answerId(), "b", LONG)).isEmpty();
    assertThat(store.claim(asked.answerId(), "a", LONG)).isEmpty();
    store.release(first);
    assertThat(claim("b", LONG).generation()).isEqualTo(2);
  }

  @Test
  void aZombiesWritesChangeNothing() {
    // Given
    Lease zombie = claim("a", Duration.ZERO);
    Lease owner = claim("b", LONG);

    // Then
    assertThat(store.complete(zombie, "zombie")).isFalse();
    assertThat(store.fail(zombie, "zombie")).isFalse();
    store.release(zombie);
    store.drop(zombie);
    assertThat(store.renew("a", Set.of(asked.answerId()), LONG)).isEmpty();
    assertThat(store.claim(asked.answerId(), "c", LONG)).isEmpty();
    assertThat(store.complete(owner, "owner")).isTrue();
    assertThat(store.complete(owner, "again")).isFalse();
    assertThat(conversations.answer(asked).content()).isEqualTo("owner");
  }

  @Test
  void anEarlierClaimOfTheSameWorkerIsAZombieToo() {
    // Given
    Lease earlier = claim("a", Duration.ZERO);
    Lease later = claim("a", LONG);

    // Then
    assertThat(store.complete(earlier, "earlier")).isFalse();
    assertThat(store.complete(later, "later")).isTrue();
  }

  @Test
  void aFinalAnswerIsNotClaimed() {
    // Given
    store.complete(claim("a", LONG), "done");

    // Then
    assertThat(store.claim(asked.answerId(), "b", LONG)).isEmpty();
    assertThat(store.abandoned(Duration.ZERO, 10)).isEmpty();
    assertThat(store.queueAge()).isZero();
  }

  @Test
  void anAnswerIsAbandonedWhenItsLeaseEndsAndNotBefore() {
    // Given
    Lease lease = claim("a", LONG);
    assertThat(store.abandoned(Duration.ZERO, 10)).isEmpty();

    // When
    store.release(lease);

    // Then
    assertThat(store.abandoned(LONG, 10)).containsExactly(asked.answerId());
    assertThat(store.purge(Duration.ZERO)).isZero();
  }

  @Test
  void theLeaseOfARowThatNeverCameIsForgotten() {
    // Given
    UUID unknown = UUID.randomUUID();
    Optional<Lease> lease = store.claim(unknown, "a", Duration.ZERO);

    // Then
    assertThat(lease).isPresent();
    assertThat(store.find(unknown)).isEmpty();
    assertThat(store.purge(Duration.ZERO)).isEqualTo(1);
  }

  @Test
  void onlyAnswersAreWritten() {
    // Given a record that names the question itself as its answer
    Lease lease = store.claim(asked.questionId(), "a", LONG).orElse(null);

    // Then
    assertThat(lease).isNull();
    assertThat(store.find(asked.questionId())).isEmpty();
  }

  private Lease claim(String worker, Duration length) {
    return store.claim(asked.answerId(), worker, length).orElseThrow();
  }
}
