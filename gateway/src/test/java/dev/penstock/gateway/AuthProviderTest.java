package dev.penstock.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import java.net.URI;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/// Auth Tokens of a provider whose keys are behind a real HTTP server.
class AuthProviderTest {
  private static final RSAKey FIRST = rsa("first");
  private static final RSAKey SECOND = rsa("second");
  private static final RSAKey FOREIGN = rsa("first");
  private static final ECKey ELLIPTIC = elliptic("elliptic");
  private static final String DATABASE = TestGateway.migratedDatabase();
  private static final FakeUpstream PROVIDER = new FakeUpstream();
  private static final String ISSUER = PROVIDER.url() + "/realm";

  private static final TestGateway BY_JWKS =
      gateway(
          Map.of(
              "auth-jwks-url", PROVIDER.url() + "/keys",
              "auth-algorithm", "RS256",
              "auth-issuer", "https://id.example.org",
              "auth-audience", "penstock"));
  private static final TestGateway BY_ISSUER =
      gateway(Map.of("auth-issuer", ISSUER, "auth-algorithm", "ES256"));
  private static final TestGateway BY_PEM =
      gateway(Map.of("auth-public-key", pem(ELLIPTIC), "auth-algorithm", "ES256"));

  private volatile List<JWK> published = List.of(FIRST);

  @AfterAll
  static void close() {
    BY_JWKS.close();
    BY_ISSUER.close();
    BY_PEM.close();
    PROVIDER.close();
  }

  @BeforeEach
  void publish() {
    PROVIDER.answerWith((request, response) ->
        FakeUpstream.json(
            response,
            request.path().equals("/realm/.well-known/openid-configuration")
                ? "{\"issuer\":\"%s\",\"jwks_uri\":\"%s/keys\"}".formatted(ISSUER, PROVIDER.url())
                : new JWKSet(published).toString(true)));
  }

  @Test
  void keysRotateWithOverlapAndAProviderThatIsDownLocksNobodyOut() {
    // Given
    assertThat(statusOf(BY_JWKS, rs256(FIRST))).isEqualTo(200);

    // When
    published = List.of(FIRST, SECOND);

    // Then
    assertThat(statusOf(BY_JWKS, rs256(SECOND))).isEqualTo(200);
    assertThat(statusOf(BY_JWKS, rs256(FIRST))).isEqualTo(200);
    assertThat(PROVIDER.received()).hasSizeLessThanOrEqualTo(2);

    PROVIDER.answerWith((_, response) -> response.status(500).send());
    assertThat(statusOf(BY_JWKS, rs256(FIRST))).isEqualTo(200);
    assertThat(statusOf(BY_JWKS, rs256(FOREIGN))).isEqualTo(401);
    assertThat(statusOf(BY_JWKS, rs256(rsa("third")))).isEqualTo(503);
  }

  @Test
  void signatureAlgorithmIssuerAndAudienceAreThoseOfTheSettings() throws JOSEException {
    Instant now = Instant.now();
    JWTClaimsSet good = claims(now).build();

    assertThat(statusOf(BY_JWKS, rs256(FIRST))).isEqualTo(200);
    assertThat(
            List.of(
                sign(FIRST, JWSAlgorithm.RS512, good),
                sign(FIRST, JWSAlgorithm.PS256, good),
                signWith(
                    new MACSigner(FIRST.toRSAPublicKey().getEncoded()), JWSAlgorithm.HS256, good),
                signWith(new MACSigner(pem(FIRST).getBytes(UTF_8)), JWSAlgorithm.HS256, good),
                new PlainJWT(good).serialize(),
                sign(FIRST, JWSAlgorithm.RS256, claims(now).issuer("https://evil.example").build()),
                sign(FIRST, JWSAlgorithm.RS256, claims(now).audience("other").build()),
                sign(
                    FIRST,
                    JWSAlgorithm.RS256,
                    claims(now).expirationTime(Date.from(now.minusSeconds(40))).build()),
                sign(
                    FIRST,
                    JWSAlgorithm.RS256,
                    claims(now).notBeforeTime(Date.from(now.plusSeconds(60))).build())))
        .allSatisfy(token -> assertThat(statusOf(BY_JWKS, token)).isEqualTo(401));
    // Clocks differ.
    assertThat(
            statusOf(
                BY_JWKS,
                sign(
                    FIRST,
                    JWSAlgorithm.RS256,
                    claims(now).notBeforeTime(Date.from(now.plusSeconds(15))).build())))
        .isEqualTo(200);
  }

  @Test
  void tokenThatBringsItsOwnKeyIsRefused() throws JOSEException {
    RSAKey own = rsa("own");
    SignedJWT token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256)
                .keyID("first")
                .jwk(own.toPublicJWK())
                .jwkURL(URI.create(PROVIDER.url() + "/own"))
                .build(),
            claims(Instant.now()).build());
    token.sign(new RSASSASigner(own));

    assertThat(statusOf(BY_JWKS, token.serialize())).isEqualTo(401);
    assertThat(PROVIDER.received()).noneMatch(request -> request.path().equals("/own"));
  }

  @Test
  void inventedKeyIdsAreNoStormOnTheProvider() throws JOSEException {
    for (int i = 0; i < 30; i++) {
      assertThat(statusOf(BY_JWKS, rs256(new RSAKey.Builder(SECOND).keyID("x" + i).build())))
          .isIn(401, 503);
    }

    assertThat(PROVIDER.received()).hasSizeLessThanOrEqualTo(10);
    assertThat(statusOf(BY_JWKS, rs256(FIRST))).isEqualTo(200);
  }

  @Test
  void issuerNamesItsKeysAndEllipticOnesAreTaken() throws JOSEException {
    published = List.of(ELLIPTIC, FIRST);
    JWTClaimsSet claims = claims(Instant.now()).issuer(ISSUER).build();

    assertThat(statusOf(BY_ISSUER, signWith(new ECDSASigner(ELLIPTIC), JWSAlgorithm.ES256, claims)))
        .isEqualTo(200);
    assertThat(statusOf(BY_ISSUER, sign(FIRST, JWSAlgorithm.RS256, claims))).isEqualTo(401);
    assertThat(statusOf(BY_PEM, signWith(new ECDSASigner(ELLIPTIC), JWSAlgorithm.ES256, claims)))
        .isEqualTo(200);
    assertThat(
            statusOf(BY_PEM, signWith(new ECDSASigner(elliptic("e")), JWSAlgorithm.ES256, claims)))
        .isEqualTo(401);
  }

  @Test
  void providerThatIsNotThereAtTheStartLetsNobodyInUntilItIs() {
    PROVIDER.answerWith((_, _) -> Mono.error(new IllegalStateException("down")));
    try (TestGateway gateway = gateway(Map.of("auth-jwks-url", PROVIDER.url() + "/keys"))) {
      assertThat(statusOf(gateway, rs256(FIRST))).isEqualTo(503);
      publish();

      assertThat(statusOf(gateway, rs256(FIRST))).isEqualTo(200);
    }
  }

  private static TestGateway gateway(Map<String, String> settings) {
    Map<String, Object> all = new HashMap<>();
    all.put("penstock.gateway.auth-secret", "");
    settings.forEach((key, value) -> all.put("penstock.gateway." + key, value));
    return new TestGateway(DATABASE, all);
  }

  private static int statusOf(TestGateway gateway, String token) {
    return gateway.post("/shapes/auth-token", token, "{\"table\":\"conversations\"}").statusCode();
  }

  private static JWTClaimsSet.Builder claims(Instant now) {
    return new JWTClaimsSet.Builder()
        .subject("alice")
        .issuer("https://id.example.org")
        .audience("penstock")
        .issueTime(Date.from(now))
        .expirationTime(Date.from(now.plusSeconds(300)));
  }

  private static String rs256(RSAKey key) {
    return sign(key, JWSAlgorithm.RS256, claims(Instant.now()).build());
  }

  private static String sign(RSAKey key, JWSAlgorithm algorithm, JWTClaimsSet claims) {
    try {
      SignedJWT token =
          new SignedJWT(new JWSHeader.Builder(algorithm).keyID(key.getKeyID()).build(), claims);
      token.sign(new RSASSASigner(key));
      return token.serialize();
    } catch (JOSEException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private static String signWith(JWSSigner signer, JWSAlgorithm algorithm, JWTClaimsSet claims)
      throws JOSEException {
    SignedJWT token = new SignedJWT(new JWSHeader(algorithm), claims);
    token.sign(signer);
    return token.serialize();
  }

  private static String pem(JWK key) {
    try {
      byte[] encoded =
          key instanceof RSAKey rsa
              ? rsa.toRSAPublicKey().getEncoded()
              : key.toECKey().toECPublicKey().getEncoded();
      return "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----"
          .formatted(Base64.getMimeEncoder().encodeToString(encoded));
    } catch (JOSEException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private static RSAKey rsa(String id) {
    try {
      return new RSAKeyGenerator(2048).keyID(id).generate();
    } catch (JOSEException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private static ECKey elliptic(String id) {
    try {
      return new ECKeyGenerator(Curve.P_256).keyID(id).generate();
    } catch (JOSEException failed) {
      throw new IllegalStateException(failed);
    }
  }
}
