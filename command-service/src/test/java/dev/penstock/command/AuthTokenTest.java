package dev.penstock.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.util.unit.DataSize;

class AuthTokenTest {
  private final CommandServer server = CommandServer.shared();

  static Stream<String> refused() {
    JWTClaimsSet good = claims("alice", 600).build();
    String valid = CommandServer.token("alice");
    return Stream.of(
        "nonsense",
        "a.b.c",
        valid.substring(0, valid.length() - 6) + "AAAAAA",
        new PlainJWT(good).serialize(),
        CommandServer.token(JWSAlgorithm.HS256, "another secret, also longer than 32 bytes", good),
        CommandServer.token(JWSAlgorithm.HS384, CommandServer.SECRET + CommandServer.SECRET, good),
        hs256(claims("alice", -120).build()),
        hs256(new JWTClaimsSet.Builder().subject("alice").build()),
        hs256(claims("alice", 600).notBeforeTime(in(300)).build()),
        hs256(claims(" ", 600).build()),
        hs256(claims("a\0b", 600).build()),
        hs256(claims("x".repeat(256), 600).build()),
        hs256(new JWTClaimsSet.Builder().expirationTime(in(600)).build()));
  }

  @ParameterizedTest
  @MethodSource
  void refused(String token) {
    CommandServer.Answer answer = server.post("/conversations", token, "{}");

    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.response().headers().firstValue("WWW-Authenticate"))
        .hasValue("Bearer error=\"invalid_token\"");
    assertThat(answer.response().headers().firstValue("Content-Type").orElseThrow())
        .startsWith("application/problem+json");
    assertThat(answer.json().get("status").asInt()).isEqualTo(401);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/conversations", "/questions/send", "/nowhere", "/error"})
  void aTokenIsRequiredEverywhere(String path) {
    CommandServer.Answer answer = server.post(path, "", "{}");

    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.response().headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "valid"})
  void noAnswerIsKeptGuessedAtOrBelongsToASession(String caller) {
    String token = caller.isEmpty() ? "" : CommandServer.token("alice");

    var headers = server.post("/conversations", token, "{}").response().headers();

    assertThat(headers.firstValue("Cache-Control").orElseThrow()).contains("no-store");
    assertThat(headers.firstValue("X-Content-Type-Options")).hasValue("nosniff");
    assertThat(headers.map()).doesNotContainKey("set-cookie");
  }

  @Test
  void theAlgorithmIsTheConfigurationsNotTheTokens() throws Exception {
    KeyPair pair = rsa();
    String pem =
        "-----BEGIN PUBLIC KEY-----\n"
            + Base64.getMimeEncoder().encodeToString(pair.getPublic().getEncoded())
            + "\n-----END PUBLIC KEY-----\n";
    JwtDecoder decoder = decoder(properties("", pem, "RS256", "", ""));

    assertThat(decoder.decode(sign(JWSAlgorithm.RS256, pair)).getSubject()).isEqualTo("alice");
    assertThatThrownBy(() -> decoder.decode(sign(JWSAlgorithm.RS512, pair)))
        .isInstanceOf(JwtException.class);
    // The classic: the public key as the secret of an HMAC.
    assertThatThrownBy(() ->
            decoder.decode(
                CommandServer.token(JWSAlgorithm.HS256, pem, claims("alice", 600).build())))
        .isInstanceOf(JwtException.class);
  }

  @Test
  void issuerAndAudienceAreRequiredWhereConfigured() {
    JwtDecoder decoder = decoder(properties(CommandServer.SECRET, "", "", "https://i", "penstock"));

    String both = hs256(claims("alice", 600).issuer("https://i").audience("penstock").build());
    assertThat(decoder.decode(both).getSubject()).isEqualTo("alice");
    assertThatThrownBy(
            () -> decoder.decode(hs256(claims("alice", 600).issuer("https://i").build())))
        .isInstanceOf(JwtException.class);
    assertThatThrownBy(
            () -> decoder.decode(hs256(claims("alice", 600).audience("penstock").build())))
        .isInstanceOf(JwtException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "penstock.command.auth-secret=|penstock.command.auth-secret, auth-public-key,"
            + " auth-jwks-url or auth-issuer must be set: without a key no Auth Token can be"
            + " verified",
        "penstock.command.auth-secret=short|penstock.command.auth-secret must have at"
            + " least 32 bytes",
        "penstock.command.auth-algorithm=none|penstock.command.auth-algorithm must be one of",
        "penstock.command.auth-public-key=x|penstock.command.auth-secret, auth-public-key and"
            + " auth-jwks-url exclude each other",
        "penstock.command.no-such-key=1|penstock.command.no-such-key"
      })
  void aWrongSettingStopsTheStartWithASentence(String setting) {
    String[] parts = setting.split("[=|]", 3);
    Map<String, Object> settings =
        new java.util.HashMap<>(
            Map.of(
                "penstock.command.port", 0, "penstock.command.auth-secret", CommandServer.SECRET));
    settings.put(parts[0], parts[1]);

    assertThatThrownBy(() -> CommandApplication.start(settings).close())
        .rootCause()
        .hasMessageContaining(parts[2])
        .message()
        .doesNotContain(CommandServer.SECRET);
  }

  private static JwtDecoder decoder(CommandProperties properties) {
    return AuthTokens.decoder(properties, new SimpleMeterRegistry());
  }

  private static CommandProperties properties(
      String secret, String pem, String algorithm, String issuer, String audience) {
    CommandProperties shared = CommandServer.shared().context().getBean(CommandProperties.class);
    return new CommandProperties(
        0,
        "127.0.0.1",
        shared.databaseUrl(),
        "",
        "",
        1,
        shared.connectionWait(),
        shared.statementTimeout(),
        DataSize.ofBytes(1),
        1,
        DataSize.ofBytes(2),
        secret,
        pem,
        "",
        issuer,
        algorithm,
        audience,
        "",
        "",
        "localhost:9",
        Map.of(),
        "penstock",
        List.of(),
        "",
        1,
        shared.txidTimeout(),
        1,
        shared.clockSlack(),
        "127.0.0.1",
        -1,
        shared.drain());
  }

  private static JWTClaimsSet.Builder claims(String owner, int seconds) {
    return new JWTClaimsSet.Builder().subject(owner).expirationTime(in(seconds));
  }

  private static Date in(int seconds) {
    return Date.from(Instant.now().plusSeconds(seconds));
  }

  private static String hs256(JWTClaimsSet claims) {
    return CommandServer.token(JWSAlgorithm.HS256, CommandServer.SECRET, claims);
  }

  private static String sign(JWSAlgorithm algorithm, KeyPair pair) throws JOSEException {
    SignedJWT token = new SignedJWT(new JWSHeader(algorithm), claims("alice", 600).build());
    token.sign(new RSASSASigner(Objects.requireNonNull(pair.getPrivate())));
    return token.serialize();
  }

  private static KeyPair rsa() throws NoSuchAlgorithmException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    return generator.generateKeyPair();
  }
}
