package dev.penstock.gateway.shape;

import static dev.penstock.gateway.shape.ShapeTokensTest.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class VerifiedTokensTest {
  private static final int MOST = 100;

  private final AtomicReference<Instant> now = new AtomicReference<>(NOW);
  private final AtomicLong nanos = new AtomicLong();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final VerifiedTokens verified = new VerifiedTokens(MOST, nanos::get, meters);
  private final ShapeTokens tokens = tokens(verified);
  private final String token = mint();

  @Test
  void tokenThatIsVerifiedAgainIsKnownByItsDigest() throws Exception {
    ShapeToken first = tokens.verify(token);

    assertThat(tokens.verify(token)).isSameAs(first);
    assertThat(checked("signature")).isEqualTo(1);
    assertThat(checked("digest")).isEqualTo(1);
    assertThat(kept()).isEqualTo(1);
  }

  @Test
  void tokenThatEndsWhileItIsKnownIsRefusedFromTheVeryMillisecondOfOneThatIsNot() throws Exception {
    // Given
    Instant end = tokens.verify(token).expiresAt();

    for (long offset : new long[] {-1_000_000, 0, 999_999}) {
      // When
      now.set(end.plusNanos(offset));

      // Then
      assertThat(tokens.verify(token)).isNotNull();
      assertThat(unknowing().verify(token)).isNotNull();
    }
    assertThat(checked("digest")).isEqualTo(3);
    for (long offset : new long[] {1_000_000, 1_000_001, 60_000_000_000L}) {
      // When
      now.set(end.plusNanos(offset));

      // Then
      assertRefused(tokens, token);
      assertRefused(unknowing(), token);
      assertThat(verified.size()).isZero();
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("changes")
  void changedTextOfAKnownTokenIsRefused(String what, String known, String changed)
      throws Exception {
    ShapeToken good = tokens.verify(known);

    assertRefused(tokens, changed);
    assertRefused(tokens, changed);

    assertThat(verified.size()).isEqualTo(1);
    assertThat(tokens.verify(known)).isSameAs(good);
  }

  static Stream<Arguments> changes() {
    String known =
        ShapeTokensTest.sign(
            ShapeTokensTest.HEADER, ShapeTokensTest.CLAIMS, ShapeTokensTest.SECRET);
    String[] parts = known.split("\\.", -1);
    String claims = ShapeTokensTest.CLAIMS;
    return Stream.of(
        Arguments.of(
            "another header",
            known,
            ShapeTokensTest.url(ShapeTokensTest.HEADER + " ") + "." + parts[1] + "." + parts[2]),
        Arguments.of(
            "another caller",
            known,
            parts[0] + "." + ShapeTokensTest.url(claims.replace("alice", "bob")) + "." + parts[2]),
        Arguments.of(
            "another end",
            known,
            parts[0]
                + "."
                + ShapeTokensTest.url(
                    claims.replace("" + ShapeTokensTest.EXP, "" + (ShapeTokensTest.EXP + 1)))
                + "."
                + parts[2]),
        Arguments.of(
            "another signature",
            known,
            parts[0] + "." + parts[1] + "." + ShapeTokensTest.flipped(parts[2])),
        Arguments.of(
            "another text of its signature",
            known,
            parts[0] + "." + parts[1] + "." + ShapeTokensTest.twin(parts[2])),
        Arguments.of("no signature", known, parts[0] + "." + parts[1] + "."),
        Arguments.of("its beginning", known, known.substring(0, known.length() - 1)),
        Arguments.of("something behind it", known, known + "A"),
        Arguments.of("a letter that no byte has", known, known + "\u0141"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("dev.penstock.gateway.shape.ShapeTokensTest#forgeries")
  void refusedTokenIsNotKept(String what, String forged) {
    assertRefused(tokens, forged);

    assertThat(verified.size()).isZero();
  }

  @Test
  void tokenWithABeginningIsNotKeptSoThatAClockThatIsSetBackRefusesIt() throws Exception {
    String begins =
        ShapeTokensTest.sign(
            ShapeTokensTest.HEADER,
            ShapeTokensTest.CLAIMS.replace(
                "\"sub\"", "\"nbf\":" + NOW.getEpochSecond() + ",\"sub\""),
            ShapeTokensTest.SECRET);
    assertThat(tokens.verify(begins)).isNotNull();

    now.set(NOW.minusSeconds(1));

    assertRefused(tokens, begins);
  }

  @Test
  void moreTokensThanMayBeKeptAreVerifiedAllTheSame() throws Exception {
    for (int i = 0; i < 10 * MOST; i++) {
      assertThat(tokens.verify(mint()).caller()).isEqualTo("alice");
      assertThat(verified.size()).isEqualTo(Math.min(i + 1, MOST));
    }
  }

  @Test
  void tokenThatNobodyAsksWithIsForgottenAndOneThatIsPolledWithStays() throws Exception {
    // Given
    String polled = mint();
    ShapeToken first = tokens.verify(polled);
    ShapeToken left = tokens.verify(token);

    // When
    for (int poll = 0; poll < 7; poll++) {
      nanos.addAndGet(Duration.ofSeconds(20).toNanos());
      assertThat(tokens.verify(polled)).isSameAs(first);
    }

    // Then
    assertThat(kept()).isEqualTo(1);
    assertThat(tokens.verify(token)).isEqualTo(left).isNotSameAs(left);
  }

  @Test
  void threadsThatVerifyOneTokenAtOnceShareWhatItSays() throws Exception {
    // Given
    int threads = 8;
    List<String> minted = IntStream.range(0, MOST).mapToObj(_ -> mint()).toList();
    CyclicBarrier together = new CyclicBarrier(threads);
    Callable<List<ShapeToken>> client =
        () -> {
          together.await(30, TimeUnit.SECONDS);
          return minted.stream().map(this::verified).toList();
        };

    // When
    List<List<ShapeToken>> seen;
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      seen =
          pool.invokeAll(Collections.nCopies(threads, client)).stream()
              .map(Future::resultNow)
              .toList();
    }

    // Then
    for (int i = 0; i < MOST; i++) {
      Set<ShapeToken> different = Collections.newSetFromMap(new IdentityHashMap<>());
      for (List<ShapeToken> one : seen) {
        different.add(one.get(i));
      }
      assertThat(different).hasSize(1);
    }
    assertThat(checked("digest") + checked("signature")).isEqualTo(threads * MOST);
  }

  @Test
  void whatRequestsShareCannotBeChanged() throws Exception {
    ShapeDefinition shared = tokens.verify(token).definition();

    assertThatThrownBy(() -> shared.params().put(1, "another"))
        .isInstanceOf(UnsupportedOperationException.class);
    assertThatThrownBy(() -> shared.columns().add("another"))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  private ShapeToken verified(String minted) {
    try {
      return tokens.verify(minted);
    } catch (InvalidShapeTokenException refused) {
      throw new AssertionError(refused);
    }
  }

  private static void assertRefused(ShapeTokens tokens, String refused) {
    assertThatThrownBy(() -> tokens.verify(refused)).isInstanceOf(InvalidShapeTokenException.class);
  }

  private double kept() {
    return meters.get("penstock.gateway.tokens.kept").gauge().value();
  }

  private double checked(String by) {
    return meters.get("penstock.gateway.tokens.checked").tag("by", by).counter().count();
  }

  private String mint() {
    return ShapeTokensTest.mint(tokens, "alice", Instant.MAX).token();
  }

  private ShapeTokens unknowing() {
    return tokens(new VerifiedTokens(0, nanos::get, new SimpleMeterRegistry()));
  }

  private ShapeTokens tokens(VerifiedTokens known) {
    InstantSource source = now::get;
    return new ShapeTokens(
        new SigningKeys(List.of("k2:" + ShapeTokensTest.SECRET)),
        Duration.ofMinutes(5),
        source.withZone(ZoneOffset.UTC),
        known);
  }
}
