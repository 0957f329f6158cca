package dev.penstock.gateway.shape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.penstock.gateway.revocation.Grant;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ShapeTokensTest {
  static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
  static final String SECRET = "a-secret-of-at-least-thirty-two-bytes";
  private static final String OTHER = "another-secret-of-at-least-32-bytes!!";
  private static final String OLD = "the-old-secret-of-at-least-32-bytes!!";
  private static final ShapeTokens TOKENS = tokens(NOW, "k2:" + SECRET, "k1:" + OLD);
  static final ShapeDefinition DEFINITION =
      new ShapeDefinition(
          "messages",
          List.of("id", "content"),
          List.of("id", "content"),
          "conversation_id = $1",
          new TreeMap<>(Map.of(1, "c\"1é")),
          "default");

  static final String HEADER = "{\"alg\":\"HS256\",\"kid\":\"k2\"}";
  static final long EXP = NOW.plusSeconds(60).getEpochSecond();
  private static final String REST =
      "\"jti\":\"j\",\"table\":\"messages\",\"columns\":[\"id\"],\"queryable_columns\":[\"id\"],"
          + "\"where\":\"conversation_id = $1\",\"params\":{\"1\":\"c\"},\"replica\":\"default\"";
  static final String START =
      "\"iss\":\"penstock-gateway\",\"sub\":\"alice\",\"aud\":\"penstock-shape\"";
  static final String CLAIMS = "{" + START + ",\"exp\":" + EXP + "," + REST + "}";

  @Test
  void mintedTokenSaysWhatWasMinted() throws Exception {
    ShapeTokens.Minted minted = mint(TOKENS, "alice", NOW.plusSeconds(9000));

    ShapeToken token = TOKENS.verify(minted.token());

    assertThat(token.caller()).isEqualTo("alice");
    assertThat(token.definition()).isEqualTo(DEFINITION);
    assertThat(token.expiresAt()).isEqualTo(minted.expiresAt()).isEqualTo(NOW.plusSeconds(300));
    assertThat(token.id()).isNotBlank();
    assertThat(token.grant())
        .isEqualTo(
            new Grant(
                List.of("user:alice", "jti:login"),
                NOW.minusSeconds(60),
                List.of("jti:" + token.id(), "conversation:c"),
                NOW.minusSeconds(1)));
  }

  @Test
  void handMadeTokenOfTheRightFormPasses() throws Exception {
    // Else every forgery below could be refused for a mistake of the test's own.
    assertThat(TOKENS.verify(sign(HEADER, CLAIMS, SECRET)).definition().params())
        .containsEntry(1, "c");
    assertThat(
            TOKENS.verify(sign("{\"typ\":\"JWT\",\"alg\":\"HS256\",\"kid\":\"k1\"}", CLAIMS, OLD)))
        .isNotNull();
  }

  @Test
  void tokensOfOnePolicyShareWhatItSays() throws Exception {
    ShapeDefinition one = TOKENS.verify(mint(TOKENS, "alice", Instant.MAX).token()).definition();
    ShapeDefinition two = TOKENS.verify(mint(TOKENS, "bob", Instant.MAX).token()).definition();

    assertThat(two).isNotSameAs(one).isEqualTo(one);
    assertThat(two.table()).isSameAs(one.table());
    assertThat(two.columns()).isSameAs(one.columns()).isSameAs(one.queryableColumns());
    assertThat(two.where()).isSameAs(one.where());
    assertThat(two.replica()).isSameAs(one.replica());
  }

  @Test
  void rotatedKeysVerifyAndTheFirstSigns() throws Exception {
    ShapeTokens before = tokens(NOW, "k1:" + OLD);
    ShapeTokens between = tokens(NOW, "k1:" + OLD, "k2:" + SECRET);

    assertThat(TOKENS.verify(mint(before, "a", Instant.MAX).token())).isNotNull();
    assertThat(between.verify(mint(TOKENS, "a", Instant.MAX).token())).isNotNull();
    assertThatThrownBy(() -> before.verify(mint(TOKENS, "a", Instant.MAX).token()))
        .isInstanceOf(InvalidShapeTokenException.class);
  }

  @Test
  void tokenEndsAtItsSecond() throws Exception {
    String token = mint(TOKENS, "alice", Instant.MAX).token();

    assertThat(tokens(NOW.plusMillis(299_900), "k2:" + SECRET).verify(token)).isNotNull();
    assertThatThrownBy(() -> tokens(NOW.plusMillis(300_001), "k2:" + SECRET).verify(token))
        .isInstanceOf(InvalidShapeTokenException.class);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("forgeries")
  void forgedTokenIsRefused(String what, String token) {
    assertThatThrownBy(() -> TOKENS.verify(token)).isInstanceOf(InvalidShapeTokenException.class);
  }

  static Stream<Arguments> forgeries() {
    String right = sign(HEADER, CLAIMS, SECRET);
    String[] parts = right.split("\\.", -1);
    return Stream.of(
        forgery("empty", ""),
        forgery("a word", "token"),
        forgery("two parts", parts[0] + "." + parts[1]),
        forgery("no signature", parts[0] + "." + parts[1] + "."),
        forgery("four parts", right + ".x"),
        forgery("five parts, as JWE", right + ".x.y"),
        forgery("leading blank", " " + right),
        forgery("trailing newline", right + "\n"),
        forgery("padding", parts[0] + "." + parts[1] + "." + parts[2] + "="),
        forgery("plain base64 alphabet", parts[0] + "." + parts[1] + ".+/+/"),
        forgery("non-canonical signature", parts[0] + "." + parts[1] + "." + twin(parts[2])),
        forgery("another signature", parts[0] + "." + parts[1] + "." + flipped(parts[2])),
        forgery("cut signature", right.substring(0, right.length() - 4)),
        forgery(
            "another claim under its signature",
            parts[0] + "." + url(CLAIMS.replace("alice", "bob")) + "." + parts[2]),
        forgery(
            "another header under its signature",
            url(HEADER + " ") + "." + parts[1] + "." + parts[2]),
        forgery(
            "over 8 KiB",
            sign(HEADER, CLAIMS.replace("\"j\"", "\"" + "j".repeat(9000) + "\""), SECRET)),
        forgery(
            "alg none, unsigned", url("{\"alg\":\"none\",\"kid\":\"k2\"}") + "." + parts[1] + "."),
        forgery("alg none, signed", sign("{\"alg\":\"none\",\"kid\":\"k2\"}", CLAIMS, SECRET)),
        forgery("alg None", sign("{\"alg\":\"None\",\"kid\":\"k2\"}", CLAIMS, SECRET)),
        forgery(
            "alg HS384 of the same key",
            sign("{\"alg\":\"HS384\",\"kid\":\"k2\"}", CLAIMS, SECRET, "HmacSHA384")),
        forgery(
            "alg HS512 of the same key",
            sign("{\"alg\":\"HS512\",\"kid\":\"k2\"}", CLAIMS, SECRET, "HmacSHA512")),
        forgery("alg RS256", sign("{\"alg\":\"RS256\",\"kid\":\"k2\"}", CLAIMS, SECRET)),
        forgery("alg lower case", sign("{\"alg\":\"hs256\",\"kid\":\"k2\"}", CLAIMS, SECRET)),
        forgery("alg a list", sign("{\"alg\":[\"HS256\"],\"kid\":\"k2\"}", CLAIMS, SECRET)),
        forgery(
            "alg twice",
            sign("{\"alg\":\"none\",\"alg\":\"HS256\",\"kid\":\"k2\"}", CLAIMS, SECRET)),
        forgery("no alg", sign("{\"kid\":\"k2\"}", CLAIMS, SECRET)),
        forgery("no kid", sign("{\"alg\":\"HS256\"}", CLAIMS, SECRET)),
        forgery("unknown kid", sign("{\"alg\":\"HS256\",\"kid\":\"k9\"}", CLAIMS, SECRET)),
        forgery("kid of another key", sign("{\"alg\":\"HS256\",\"kid\":\"k1\"}", CLAIMS, SECRET)),
        forgery("kid a path", sign("{\"alg\":\"HS256\",\"kid\":\"../k2\"}", CLAIMS, SECRET)),
        forgery("kid a number", sign("{\"alg\":\"HS256\",\"kid\":2}", CLAIMS, SECRET)),
        forgery(
            "kid twice", sign("{\"alg\":\"HS256\",\"kid\":\"k9\",\"kid\":\"k2\"}", CLAIMS, SECRET)),
        forgery(
            "own key in jwk",
            sign(
                "{\"alg\":\"HS256\",\"kid\":\"k2\",\"jwk\":{\"kty\":\"oct\",\"k\":\"AAAA\"}}",
                CLAIMS,
                SECRET)),
        forgery(
            "jku",
            sign(
                "{\"alg\":\"HS256\",\"kid\":\"k2\",\"jku\":\"https://example.org\"}",
                CLAIMS,
                SECRET)),
        forgery(
            "x5c", sign("{\"alg\":\"HS256\",\"kid\":\"k2\",\"x5c\":[\"AAAA\"]}", CLAIMS, SECRET)),
        forgery(
            "x5u",
            sign(
                "{\"alg\":\"HS256\",\"kid\":\"k2\",\"x5u\":\"https://example.org\"}",
                CLAIMS,
                SECRET)),
        forgery(
            "crit",
            sign("{\"alg\":\"HS256\",\"kid\":\"k2\",\"crit\":[\"x\"],\"x\":1}", CLAIMS, SECRET)),
        forgery(
            "b64 false", sign("{\"alg\":\"HS256\",\"kid\":\"k2\",\"b64\":false}", CLAIMS, SECRET)),
        forgery("zip", sign("{\"alg\":\"HS256\",\"kid\":\"k2\",\"zip\":\"DEF\"}", CLAIMS, SECRET)),
        forgery(
            "typ of another kind",
            sign("{\"alg\":\"HS256\",\"kid\":\"k2\",\"typ\":\"at+jwt\"}", CLAIMS, SECRET)),
        forgery("header no object", sign("[]", CLAIMS, SECRET)),
        forgery("header with something behind it", sign(HEADER + "{}", CLAIMS, SECRET)),
        forgery("another secret", sign(HEADER, CLAIMS, OTHER)),
        forgery("empty claims", sign(HEADER, "{}", SECRET)),
        forgery("claims no object", sign(HEADER, "\"alice\"", SECRET)),
        forgery("expired", sign(HEADER, CLAIMS.replace("" + EXP, "" + (EXP - 61)), SECRET)),
        forgery("no exp", sign(HEADER, CLAIMS.replace("\"exp\":" + EXP + ",", ""), SECRET)),
        forgery(
            "exp a number in a text",
            sign(HEADER, CLAIMS.replace("" + EXP, "\"" + EXP + "\""), SECRET)),
        forgery("exp a text", sign(HEADER, CLAIMS.replace("" + EXP, "\"never\""), SECRET)),
        forgery(
            "exp twice",
            sign(HEADER, CLAIMS.replace("\"exp\":" + EXP, "\"exp\":1,\"exp\":" + EXP), SECRET)),
        forgery(
            "not yet valid",
            sign(HEADER, CLAIMS.replace("{" + START, "{\"nbf\":" + EXP + "," + START), SECRET)),
        forgery(
            "another issuer", sign(HEADER, CLAIMS.replace("penstock-gateway", "penstock"), SECRET)),
        forgery(
            "no issuer", sign(HEADER, CLAIMS.replace("\"iss\":\"penstock-gateway\",", ""), SECRET)),
        forgery(
            "another audience", sign(HEADER, CLAIMS.replace("penstock-shape", "penstock"), SECRET)),
        forgery(
            "no audience", sign(HEADER, CLAIMS.replace(",\"aud\":\"penstock-shape\"", ""), SECRET)),
        forgery(
            "one audience too many",
            sign(
                HEADER,
                CLAIMS.replace("\"penstock-shape\"", "[\"penstock-shape\",\"x\"]"),
                SECRET)),
        forgery("no subject", sign(HEADER, CLAIMS.replace("\"sub\":\"alice\",", ""), SECRET)),
        forgery("empty subject", sign(HEADER, CLAIMS.replace("\"alice\"", "\"\""), SECRET)),
        forgery("no jti", sign(HEADER, CLAIMS.replace("\"jti\":\"j\",", ""), SECRET)),
        forgery("no table", sign(HEADER, CLAIMS.replace("\"table\":\"messages\",", ""), SECRET)),
        forgery(
            "table twice",
            sign(HEADER, CLAIMS.replace("\"table\"", "\"table\":\"x\",\"table\""), SECRET)),
        forgery(
            "table twice, once escaped",
            sign(HEADER, CLAIMS.replace("\"table\"", "\"\\u0074able\":\"x\",\"table\""), SECRET)),
        forgery(
            "no where",
            sign(HEADER, CLAIMS.replace("\"where\":\"conversation_id = $1\",", ""), SECRET)),
        forgery("empty where", sign(HEADER, CLAIMS.replace("conversation_id = $1", ""), SECRET)),
        forgery(
            "no columns", sign(HEADER, CLAIMS.replace("\"columns\":[\"id\"],\"q", "\"q"), SECRET)),
        forgery(
            "no columns in the list",
            sign(HEADER, CLAIMS.replace("\"columns\":[\"id\"],\"q", "\"columns\":[],\"q"), SECRET)),
        forgery(
            "columns a text",
            sign(
                HEADER,
                CLAIMS.replace("\"columns\":[\"id\"],\"q", "\"columns\":\"id\",\"q"),
                SECRET)),
        forgery(
            "no queryable columns",
            sign(HEADER, CLAIMS.replace("\"queryable_columns\":[\"id\"],", ""), SECRET)),
        forgery("no params", sign(HEADER, CLAIMS.replace("\"params\":{\"1\":\"c\"},", ""), SECRET)),
        forgery("params with a gap", sign(HEADER, CLAIMS.replace("{\"1\":", "{\"2\":"), SECRET)),
        forgery(
            "params not a text",
            sign(HEADER, CLAIMS.replace("{\"1\":\"c\"}", "{\"1\":1}"), SECRET)),
        forgery(
            "another replica", sign(HEADER, CLAIMS.replace("\"default\"", "\"fuller\""), SECRET)));
  }

  @Test
  void keysThatAreNoneAreRefusedWithASentenceThatHidesThem() {
    assertThatThrownBy(() -> new SigningKeys(List.of())).hasMessageContaining("shape-token-keys");
    assertThatThrownBy(() -> new SigningKeys(List.of("k1:too-short")))
        .hasMessageContaining("shape-token-keys")
        .hasMessageContaining("32")
        .hasMessageNotContaining("too-short");
    assertThatThrownBy(() -> new SigningKeys(List.of(SECRET))).hasMessageContaining("kid:secret");
    assertThatThrownBy(() -> new SigningKeys(List.of("k:" + SECRET, "k:" + OTHER)))
        .hasMessageContaining("twice");
  }

  private static Arguments forgery(String what, String token) {
    return Arguments.of(what, token);
  }

  private static ShapeTokens tokens(Instant now, String... keys) {
    return new ShapeTokens(
        new SigningKeys(List.of(keys)),
        Duration.ofMinutes(5),
        Clock.fixed(now, ZoneOffset.UTC),
        new SimpleMeterRegistry());
  }

  static String sign(String header, String claims, String secret) {
    return sign(header, claims, secret, "HmacSHA256");
  }

  private static String sign(String header, String claims, String secret, String algorithm) {
    String signed = url(header) + "." + url(claims);
    try {
      Mac mac = Mac.getInstance(algorithm);
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), algorithm));
      return signed
          + "."
          + Base64.getUrlEncoder()
              .withoutPadding()
              .encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  static String url(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /// Another text for the same bytes: of the last of 43 characters only four bits count.
  static String twin(String signature) {
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    int last = alphabet.indexOf(signature.charAt(signature.length() - 1));
    return signature.substring(0, signature.length() - 1) + alphabet.charAt(last + 1);
  }

  static String flipped(String signature) {
    return (signature.charAt(0) == 'A' ? 'B' : 'A') + signature.substring(1);
  }

  @Test
  void keyIsExchangedOnOneInstanceAfterTheOtherUnderTrafficWithoutOneRejection() throws Exception {
    // Given
    List<ShapeTokens> phases =
        List.of(
            tokens(NOW, "k1:" + OLD),
            tokens(NOW, "k1:" + OLD, "k2:" + SECRET),
            tokens(NOW, "k2:" + SECRET, "k1:" + OLD),
            tokens(NOW, "k2:" + SECRET));
    AtomicReferenceArray<ShapeTokens> instances = new AtomicReferenceArray<>(3);
    for (int i = 0; i < 3; i++) {
      instances.set(i, phases.getFirst());
    }
    AtomicBoolean running = new AtomicBoolean(true);
    AtomicInteger verified = new AtomicInteger();
    // A key is dropped when no token with it lives any more: here, when none is under way.
    ReadWriteLock tokensUnderWay = new ReentrantReadWriteLock();

    // When
    List<CompletableFuture<Void>> clients =
        IntStream.range(0, 3)
            .mapToObj(client ->
                CompletableFuture.runAsync(() -> {
                  Random random = new Random(client);
                  while (running.get()) {
                    tokensUnderWay.readLock().lock();
                    try {
                      String token =
                          mint(instances.get(random.nextInt(3)), "alice", Instant.MAX).token();
                      instances.get(random.nextInt(3)).verify(token);
                      verified.incrementAndGet();
                    } catch (InvalidShapeTokenException rejected) {
                      throw new AssertionError(rejected);
                    } finally {
                      tokensUnderWay.readLock().unlock();
                    }
                  }
                }))
            .toList();
    for (int phase = 1; phase < phases.size(); phase++) {
      for (int instance = 0; instance < 3; instance++) {
        int due = verified.get() + 100;
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() ->
                verified.get() >= due || clients.stream().anyMatch(CompletableFuture::isDone));
        tokensUnderWay.writeLock().lock();
        try {
          instances.set(instance, phases.get(phase));
        } finally {
          tokensUnderWay.writeLock().unlock();
        }
      }
    }
    running.set(false);

    // Then
    assertThat(clients)
        .allSatisfy(client -> assertThat(client).succeedsWithin(Duration.ofSeconds(10)));
    assertThat(verified).hasValueGreaterThan(800);
  }

  static ShapeTokens.Minted mint(ShapeTokens tokens, String caller, Instant end) {
    return tokens.mint(
        new Login(caller, "login", NOW.minusSeconds(60), end),
        DEFINITION,
        List.of("conversation:c"),
        NOW.minusSeconds(1));
  }
}
