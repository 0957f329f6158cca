package dev.penstock.command.txid;

import dev.penstock.contracts.log.Lsn;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Asks every shape-server how far it has released.
final class ShapeServers {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final long MAX_ANSWER = 4_096;
  private static final String REPLACED =
      "A new generation of the log has been opened behind it: a client that was live had it with its"
          + " txid, any other has its rows without.";

  private final List<URI> servers;
  private final String secret;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(1))
          .build();

  ShapeServers(List<URI> servers, String secret) {
    this.servers = servers;
    this.secret = secret;
  }

  /// What one of them said.
  ///
  /// @param generation that it is in; null while it knows none
  /// @param position the commit LSN up to which it has released
  /// @param at null where it does not know the time
  private record Said(@Nullable UUID generation, long position, @Nullable Instant at) {
    boolean released(UUID wanted, long commitLsn) {
      return wanted.equals(generation) && Long.compareUnsigned(position, commitLsn) >= 0;
    }
  }

  /// `done` once all that answer have released it, at the time of the last. The detail says how
  /// many have not, and how many do not answer: whose clients, if any, are still to see it.
  ///
  /// @param present tells the generation that the log is in, which is asked only where a
  ///   shape-server is in another than the transaction
  Step released(UUID generation, long commitLsn, Supplier<@Nullable UUID> present) {
    if (servers.isEmpty()) {
      return Step.of(
          Step.Name.RELEASED,
          Step.Status.UNKNOWN,
          "The shape upstream is an Electric, which does not tell, or none is configured.");
    }
    List<CompletableFuture<@Nullable Said>> asked =
        servers.stream().map(server -> ask(server, commitLsn)).toList();
    List<Said> said = new ArrayList<>();
    asked.forEach(answer -> {
      Said one = answer.join();
      if (one != null) {
        said.add(one);
      }
    });
    if (said.isEmpty()) {
      return Step.of(Step.Name.RELEASED, Step.Status.UNKNOWN, "No shape-server answers.");
    }
    List<Said> others = said.stream().filter(one -> !one.released(generation, commitLsn)).toList();
    if (!others.isEmpty()) {
      // Who reads in order has passed it, if it is where the log is now.
      UUID now =
          others.stream().allMatch(one -> isAnother(one.generation(), generation))
              ? present.get()
              : null;
      return now != null && others.stream().allMatch(one -> now.equals(one.generation()))
          ? Step.done(Step.Name.RELEASED, null, REPLACED)
          : Step.of(
              Step.Name.RELEASED,
              Step.Status.PENDING,
              sentences("Have not released it yet: " + ofAll(others.size()), silent(said.size())));
    }
    Instant last = null;
    for (Said one : said) {
      Instant at = one.at();
      last = at != null && (last == null || at.isAfter(last)) ? at : last;
    }
    String untimed =
        last == null ? "Released too long ago, or before the shape-server started." : null;
    return Step.done(Step.Name.RELEASED, last, sentences(untimed, silent(said.size())));
  }

  private @Nullable String silent(int said) {
    return said == servers.size() ? null : "Do not answer: " + ofAll(servers.size() - said);
  }

  private String ofAll(int some) {
    return "%d of %d shape-servers.".formatted(some, servers.size());
  }

  private static @Nullable String sentences(@Nullable String one, @Nullable String other) {
    return one == null ? other : other == null ? one : one + " " + other;
  }

  private CompletableFuture<@Nullable Said> ask(URI server, long commitLsn) {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(
                    "%s/v1/transactions/%s?secret=%s"
                        .formatted(
                            server.toString().replaceAll("/+$", ""),
                            Lsn.decimal(commitLsn),
                            URLEncoder.encode(secret, StandardCharsets.UTF_8))))
            .timeout(PATIENCE)
            .build();
    return http.sendAsync(request, HttpResponse.BodyHandlers.ofInputStream())
        .<@Nullable Said>thenApply(response -> {
          try (var body = response.body()) {
            return response.statusCode() == 200
                ? said(JSON.readTree(body.readNBytes((int) MAX_ANSWER)))
                : null;
          } catch (IOException | JacksonException | IllegalArgumentException e) {
            return null;
          }
        })
        .exceptionally(failure -> null);
  }

  private static boolean isAnother(@Nullable UUID one, UUID generation) {
    return one != null && !one.equals(generation);
  }

  private static Said said(JsonNode answer) {
    JsonNode generation = answer.path("generation");
    JsonNode micros = answer.path("releasedMicros");
    return new Said(
        generation.isString() ? UUID.fromString(generation.asString()) : null,
        Long.parseUnsignedLong(answer.path("position").asString("0")),
        micros.isIntegralNumber() ? Instant.EPOCH.plus(micros.asLong(), ChronoUnit.MICROS) : null);
  }
}
