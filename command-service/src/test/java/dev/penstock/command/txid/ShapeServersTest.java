package dev.penstock.command.txid;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// `released`, where several shape-servers are asked.
@Timeout(60)
class ShapeServersTest {
  private static final UUID GENERATION = UUID.randomUUID();
  private static final URI NOBODY = URI.create("http://127.0.0.1:1");

  private static Step ask(@Nullable UUID present, URI... servers) {
    return new ShapeServers(List.of(servers), "secret").released(GENERATION, 100, () -> present);
  }

  @Test
  void itIsReleasedWhenTheLastOfAllHasIt() throws IOException {
    try (ShapeServerStub first = ShapeServerStub.at(GENERATION, 100, 5_000_000);
        ShapeServerStub last = ShapeServerStub.at(GENERATION, 200, 7_000_000);
        ShapeServerStub behind = ShapeServerStub.at(GENERATION, 99, -1)) {
      Step released = ask(null, first.uri(), last.uri());
      assertThat(released.status()).isEqualTo(Step.Status.DONE);
      assertThat(released.at()).isEqualTo(Instant.ofEpochSecond(7));
      assertThat(released.detail()).isNull();
      Step pending = ask(null, first.uri(), behind.uri(), last.uri(), NOBODY);
      assertThat(pending.status()).isEqualTo(Step.Status.PENDING);
      assertThat(pending.detail())
          .isEqualTo(
              "Have not released it yet: 1 of 4 shape-servers. Do not answer: 1 of 4 shape-servers.");
    }
  }

  @Test
  void oneThatDoesNotAnswerIsNotWaitedFor() throws IOException {
    try (ShapeServerStub has = ShapeServerStub.at(GENERATION, 100, 5_000_000);
        ShapeServerStub failing = ShapeServerStub.failing()) {
      Step released = ask(null, NOBODY, has.uri(), failing.uri());
      assertThat(released.at()).isEqualTo(Instant.ofEpochSecond(5));
      assertThat(released.detail()).isEqualTo("Do not answer: 2 of 3 shape-servers.");
      assertThat(ask(null, NOBODY, failing.uri()).status()).isEqualTo(Step.Status.UNKNOWN);
      assertThat(ask(null).status()).isEqualTo(Step.Status.UNKNOWN);
    }
  }

  @Test
  void whatAnInstanceNoLongerRemembersIsReleasedAtAnUnknownTime() throws IOException {
    try (ShapeServerStub has = ShapeServerStub.at(GENERATION, 1L << 63, -1)) {
      Step released = ask(null, has.uri());
      assertThat(released.status()).isEqualTo(Step.Status.DONE);
      assertThat(released.at()).isNull();
      assertThat(released.detail()).isNotNull();
    }
  }

  @Test
  void anotherGenerationCountsOnlyIfTheLogIsInIt() throws IOException {
    UUID other = UUID.randomUUID();
    try (ShapeServerStub elsewhere = ShapeServerStub.at(other, 1L << 62, -1);
        ShapeServerStub has = ShapeServerStub.at(GENERATION, 100, 5_000_000)) {
      assertThat(ask(GENERATION, elsewhere.uri()).status()).isEqualTo(Step.Status.PENDING);
      assertThat(ask(other, elsewhere.uri()).status()).isEqualTo(Step.Status.DONE);
      assertThat(ask(other, elsewhere.uri(), has.uri()).status()).isEqualTo(Step.Status.DONE);
    }
  }
}
