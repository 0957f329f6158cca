package dev.penstock.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSKeySelector;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.proc.SingleKeyJWSKeySelector;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.MalformedURLException;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.springframework.http.client.SimpleClientHttpRequestFactory;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimNames;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.security.oauth2.jwt.SupplierJwtDecoder;
import org.springframework.web.client.RestTemplate;

/// How Auth Tokens are verified: the one key source and the one algorithm of the configuration,
/// never what a token asks for. `exp` and a usable `sub` are required.
final class AuthTokens {
  private static final Duration FETCH_TIMEOUT = Duration.ofSeconds(3);
  private static final int KEY_SET_LIMIT_BYTES = 256 * 1024;
  private static final int MAX_OWNER_CHARS = 255;

  private AuthTokens() {}

  static JwtDecoder decoder(CommandProperties properties, MeterRegistry meters) {
    OAuth2TokenValidator<Jwt> validator = validator(properties);
    return new VerifiedTokens(decoder(properties, validator), validator, meters);
  }

  private static JwtDecoder decoder(
      CommandProperties properties, OAuth2TokenValidator<Jwt> validator) {
    JWSAlgorithm algorithm = JWSAlgorithm.parse(properties.authAlgorithm());
    if (!properties.authSecret().isBlank()) {
      return decoder(
          new SingleKeyJWSKeySelector<>(algorithm, secret(properties.authSecret(), algorithm)),
          validator);
    }
    if (!properties.authPublicKey().isBlank()) {
      PublicKey key = publicKey(properties.authPublicKey(), algorithm);
      return decoder(new SingleKeyJWSKeySelector<>(algorithm, key), validator);
    }
    if (!properties.authJwksUrl().isBlank()) {
      return decoder(keySet(properties.authJwksUrl(), algorithm), validator);
    }
    // Asked at the first token, so that the start does not depend on the issuer.
    return new SupplierJwtDecoder(() -> {
      SimpleClientHttpRequestFactory requests = new SimpleClientHttpRequestFactory();
      requests.setConnectTimeout(FETCH_TIMEOUT);
      requests.setReadTimeout(FETCH_TIMEOUT);
      NimbusJwtDecoder decoder =
          NimbusJwtDecoder.withIssuerLocation(properties.authIssuer())
              .jwsAlgorithm(SignatureAlgorithm.valueOf(properties.authAlgorithm()))
              .restOperations(new RestTemplate(requests))
              .build();
      decoder.setJwtValidator(validator);
      return decoder;
    });
  }

  private static JwtDecoder decoder(
      JWSKeySelector<SecurityContext> keys, OAuth2TokenValidator<Jwt> validator) {
    DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();
    processor.setJWSTypeVerifier(
        new DefaultJOSEObjectTypeVerifier<>(
            JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), null));
    processor.setJWSKeySelector(keys);
    // The claims are the validator's.
    processor.setJWTClaimsSetVerifier((claims, context) -> {});
    NimbusJwtDecoder decoder = new NimbusJwtDecoder(processor);
    decoder.setJwtValidator(validator);
    return decoder;
  }

  private static OAuth2TokenValidator<Jwt> validator(CommandProperties properties) {
    JwtTimestampValidator times = new JwtTimestampValidator();
    times.setAllowEmptyExpiryClaim(false);
    List<OAuth2TokenValidator<Jwt>> all = new ArrayList<>();
    all.add(times);
    all.add(new JwtClaimValidator<Object>(JwtClaimNames.SUB, AuthTokens::usableOwner));
    if (!properties.authIssuer().isBlank()) {
      all.add(
          new JwtClaimValidator<Object>(
              JwtClaimNames.ISS, issuer -> properties.authIssuer().equals(String.valueOf(issuer))));
    }
    if (!properties.authAudience().isBlank()) {
      all.add(
          new JwtClaimValidator<Object>(
              JwtClaimNames.AUD,
              audience ->
                  audience instanceof List<?> list && list.contains(properties.authAudience())));
    }
    return new DelegatingOAuth2TokenValidator<>(all);
  }

  /// What Postgres can hold as text, since the owner is a column.
  private static boolean usableOwner(@Nullable Object subject) {
    return subject instanceof String owner
        && !owner.isBlank()
        && owner.length() <= MAX_OWNER_CHARS
        && Texts.unstorable(owner) == null;
  }

  static SecretKey secret(String secret, JWSAlgorithm algorithm) {
    byte[] bytes = secret.getBytes(UTF_8);
    String bits = algorithm.getName().substring(2);
    int least = Integer.parseInt(bits) / 8;
    if (bytes.length < least) {
      throw new IllegalArgumentException(
          "penstock.command.auth-secret must have at least %d bytes".formatted(least));
    }
    return new SecretKeySpec(bytes, "HmacSHA" + bits);
  }

  private static PublicKey publicKey(String pem, JWSAlgorithm algorithm) {
    try {
      byte[] der =
          Base64.getDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", ""));
      return KeyFactory.getInstance(JWSAlgorithm.Family.EC.contains(algorithm) ? "EC" : "RSA")
          .generatePublic(new X509EncodedKeySpec(der));
    } catch (IllegalArgumentException | GeneralSecurityException e) {
      throw new IllegalArgumentException(
          "penstock.command.auth-public-key must be a public key in PEM for " + algorithm, e);
    }
  }

  /// Cached and rate limited: tokens with invented key ids must not become requests to the issuer.
  private static JWSKeySelector<SecurityContext> keySet(String uri, JWSAlgorithm algorithm) {
    try {
      int millis = (int) FETCH_TIMEOUT.toMillis();
      return new JWSVerificationKeySelector<>(
          algorithm,
          JWKSourceBuilder.create(
                  URI.create(uri).toURL(),
                  new DefaultResourceRetriever(millis, millis, KEY_SET_LIMIT_BYTES))
              .build());
    } catch (IllegalArgumentException | MalformedURLException e) {
      throw new IllegalArgumentException("penstock.command.auth-jwks-url must be a URL", e);
    }
  }
}
