package dev.penstock.answers;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.contracts.QuestionAsked;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AnswerStoreTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  private final Conversations conversations = new Conversations();
  private final AnswerStore store = new AnswerStore(Conversations.sharedDatabase());
  private final DeadLetters deadLetters = new DeadLetters(Conversations.sharedDatabase());
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
    Lease second = claim("b", LONG);
    assertThat(second.generation()).isGreaterThan(first.generation());
    assertThat(second.claims()).as("it was handed on").isEqualTo(1);
  }

  @Test
  void aZombiesWritesChangeNothing() {
    // Given
    Lease zombie = expired("a");
    Lease owner = claim("b", LONG);
    assertThat(owner.claims()).isEqualTo(2);

    // Then
    assertThat(store.complete(zombie, "zombie")).isFalse();
    assertThat(store.grow(zombie, "zombie", 6, LONG)).isFalse();
    assertThat(deadLetters.fail(zombie, new Failure("zombie", "zombie", 1))).isFalse();
    store.release(zombie);
    store.drop(zombie);
    store.renew("a", Set.of(asked.answerId()), Duration.ofDays(1));
    assertThat(store.stopped("a", Set.of(asked.answerId()))).isEmpty();
    assertThat(store.claim(asked.answerId(), "c", LONG)).isEmpty();
    assertThat(store.complete(owner, "owner")).isTrue();
    assertThat(store.complete(owner, "again")).isFalse();
    assertThat(conversations.answer(asked).content()).isEqualTo("owner");
    assertThat(conversations.leases()).isZero();
    assertThat(conversations.deadLetters()).isEmpty();
  }

  @Test
  void aGenerationIsNotUsedAgainWhenTheLeaseWasForgotten() {
    // Given
    Lease first = claim("a", LONG);
    store.drop(first);

    // When
    Lease second = claim("a", LONG);

    // Then
    assertThat(second.generation()).isGreaterThan(first.generation());
    assertThat(store.complete(first, "first")).isFalse();
  }

  @Test
  void anAnswerGrowsUnderItsLeaseAndTheBytesAreCounted() {
    // Given
    Lease lease = expired("a");
    assertThat(store.grow(lease, "gr", 2, LONG)).isTrue();
    assertThat(store.grow(lease, "grow", 4, LONG)).isTrue();

    // Then
    AnswerRow row = store.find(asked.answerId()).orElseThrow();
    assertThat(row.status()).isEqualTo(AnswerStatus.GENERATING);
    assertThat(row.written()).isEqualTo(6);
    assertThat(requireNonNull(row.question()).begun()).isEqualTo("grow");
    assertThat(store.claim(asked.answerId(), "b", LONG)).as("it prolonged the lease").isEmpty();
  }

  @Test
  void aStoppedAnswerIsSeenAndNeverWrittenAgain() {
    // Given
    Lease lease = claim("a", LONG);
    store.grow(lease, "some", 4, LONG);
    assertThat(store.stopped("a", Set.of(asked.answerId()))).containsEntry(asked.answerId(), false);

    // When
    conversations.cancel(asked);

    // Then
    assertThat(store.stopped("a", Set.of(asked.answerId()))).containsEntry(asked.answerId(), true);
    assertThat(store.grow(lease, "more", 4, LONG)).isFalse();
    assertThat(store.complete(lease, "all")).isFalse();
    assertThat(conversations.answer(asked).content()).isEqualTo("some");
    assertThat(conversations.answer(asked).status()).isEqualTo("cancelled");
  }

  @Test
  void anAnswerWaitsForTheOneBeforeInItsConversation() {
    // Given
    QuestionAsked later = conversations.question("And then?");
    conversations.insert(conversations.jdbc, later);

    // When
    assertThat(store.claim(later.answerId(), "a", LONG)).isEmpty();

    // Then its lease remembers it, but the sweep leaves it alone until it may begin
    assertThat(conversations.leases()).isEqualTo(1);
    assertThat(store.abandoned(Duration.ZERO, 10)).containsExactly(asked.answerId());
    store.complete(claim("b", LONG), "first");
    assertThat(store.next(asked.conversationId())).contains(later.answerId());
    assertThat(store.abandoned(LONG, 10)).containsExactly(later.answerId());
    assertThat(store.claim(later.answerId(), "a", LONG).map(Lease::claims)).contains(1);
  }

  @Test
  void theHistoryIsWhatWasSaidBeforeWithinItsBudget() {
    // Given
    store.complete(claim("a", LONG), "An answer.");
    QuestionAsked failed = conversations.question("Second?");
    conversations.insert(conversations.jdbc, failed);
    deadLetters.fail(
        store.claim(failed.answerId(), "a", LONG).orElseThrow(), new Failure("no", "no", 1));
    QuestionAsked later = conversations.question("Third?");
    conversations.insert(conversations.jdbc, later);
    Question question = requireNonNull(store.find(later.answerId()).orElseThrow().question());

    // Then
    assertThat(store.history(question, 10, 1_000))
        .containsExactly(
            new Question.Turn(false, "Who may write?"),
            new Question.Turn(true, "An answer."),
            new Question.Turn(false, "Second?"));
    assertThat(store.history(question, 10, 20))
        .containsExactly(
            new Question.Turn(true, "An answer."), new Question.Turn(false, "Second?"));
    assertThat(store.history(question, 1, 1_000)).isEmpty();
  }

  @Test
  void anEarlierClaimOfTheSameWorkerIsAZombieToo() {
    // Given
    Lease earlier = expired("a");
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
    store.release(store.claim(unknown, "a", LONG).orElseThrow());

    // Then
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

  /// Its end has come, and nobody has noticed.
  private Lease expired(String worker) {
    Lease lease = claim(worker, LONG);
    conversations.jdbc.sql("update answer_leases set until = now()").update();
    return lease;
  }

  private Lease claim(String worker, Duration length) {
    return store.claim(asked.answerId(), worker, length).orElseThrow();
  }
}
