package dev.penstock.gateway;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jwt.SignedJWT;
import dev.penstock.gateway.provider.KeySetSource;
import dev.penstock.gateway.provider.ProviderKeys;
import dev.penstock.gateway.revocation.Grant;
import dev.penstock.gateway.revocation.RevocationKey;
import dev.penstock.gateway.revocation.Revocations;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2TokenValidatorResult;
import org.springframework.security.oauth2.jose.jws.MacAlgorithm;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtClaimNames;
import org.springframework.security.oauth2.jwt.JwtException;
import org.springframework.security.oauth2.jwt.JwtIssuerValidator;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.MappedJwtClaimSetConverter;
import org.springframework.security.oauth2.jwt.NimbusReactiveJwtDecoder;
import org.springframework.security.oauth2.jwt.ReactiveJwtDecoder;
import reactor.core.publisher.Flux;

/// Makes the decoder of Auth Tokens from the settings. Key and algorithm come from there alone.
final class AuthTokens {
  private static final int MAX_SUBJECT = 200;
  private static final MappedJwtClaimSetConverter CLAIMS =
      MappedJwtClaimSetConverter.withDefaults(Map.of());

  private AuthTokens() {}

  /// Chooses key and algorithm.
  ///
  /// @throws IllegalArgumentException with a sentence that names the setting
  static ReactiveJwtDecoder decoder(
      GatewayProperties settings, Revocations revocations, KeySetSource provider) {
    NimbusReactiveJwtDecoder decoder = unvalidated(settings, provider);
    decoder.setJwtValidator(validator(settings, revocations));
    decoder.setClaimSetConverter(AuthTokens::withoutInventedTimes);
    // What is not the token's fault is no 401: Spring answers any other JwtException with a failure
    // of the service.
    return token ->
        decoder
            .decode(token)
            .onErrorMap(
                IllegalStateException.class,
                failure -> new JwtException("the keys cannot be had", failure));
  }

  /// Spring gives a token without `iat` one just before its end: no revocation would cover it.
  private static Map<String, Object> withoutInventedTimes(Map<String, Object> claims) {
    Map<String, Object> converted = new HashMap<>(CLAIMS.convert(claims));
    if (claims.get(JwtClaimNames.IAT) == null) {
      converted.remove(JwtClaimNames.IAT);
    }
    return converted;
  }

  private static NimbusReactiveJwtDecoder unvalidated(
      GatewayProperties settings, KeySetSource provider) {
    long sources =
        Stream.of(settings.authSecret(), settings.authPublicKey(), settings.authJwksUrl())
            .filter(value -> !value.isEmpty())
            .count();
    if (sources > 1) {
      throw new IllegalArgumentException(
          "Only one of penstock.gateway.auth-secret, auth-public-key and auth-jwks-url may be set");
    }
    if (!settings.authSecret().isEmpty()) {
      return ofSecret(settings);
    }
    if (sources == 0 && settings.authIssuer().isEmpty()) {
      throw new IllegalArgumentException(
          "One of penstock.gateway.auth-secret, auth-public-key, auth-jwks-url or auth-issuer must be"
              + " set: without it no Auth Token can be verified");
    }
    SignatureAlgorithm algorithm = SignatureAlgorithm.from(algorithm(settings, "RS256"));
    if (algorithm == null) {
      throw new IllegalArgumentException(
          "penstock.gateway.auth-algorithm must be one of %s with a public key, a JWKS or an issuer"
              .formatted(List.of(SignatureAlgorithm.values())));
    }
    return NimbusReactiveJwtDecoder.withJwkSource(keys(settings, algorithm, provider))
        .jwsAlgorithm(algorithm)
        .build();
  }

  private static Function<SignedJWT, Flux<JWK>> keys(
      GatewayProperties settings, SignatureAlgorithm algorithm, KeySetSource provider) {
    if (!settings.authPublicKey().isEmpty()) {
      JWK key = PublicKeys.read(settings.authPublicKey(), algorithm);
      return _ -> Flux.just(key);
    }
    return new ProviderKeys(
            settings.authJwksUrl().isEmpty()
                ? provider.ofIssuer(settings.authIssuer())
                : provider.at(settings.authJwksUrl()),
            System::nanoTime)
        ::of;
  }

  /// Empty means the usual one of the kind of key.
  private static String algorithm(GatewayProperties settings, String usual) {
    return settings.authAlgorithm().isEmpty() ? usual : settings.authAlgorithm();
  }

  private static NimbusReactiveJwtDecoder ofSecret(GatewayProperties settings) {
    MacAlgorithm algorithm = MacAlgorithm.from(algorithm(settings, "HS256"));
    if (algorithm == null) {
      throw new IllegalArgumentException(
          "penstock.gateway.auth-algorithm must be HS256, HS384 or HS512 with auth-secret");
    }
    byte[] secret = settings.authSecret().getBytes(StandardCharsets.UTF_8);
    int needed = Integer.parseInt(algorithm.getName().substring(2)) / 8;
    if (secret.length < needed) {
      throw new IllegalArgumentException(
          "penstock.gateway.auth-secret has %d bytes, %s needs %d"
              .formatted(secret.length, algorithm.getName(), needed));
    }
    return NimbusReactiveJwtDecoder.withSecretKey(
            new SecretKeySpec(secret, "HmacSHA" + algorithm.getName().substring(2)))
        .macAlgorithm(algorithm)
        .build();
  }

  private static OAuth2TokenValidator<Jwt> validator(
      GatewayProperties settings, Revocations revocations) {
    List<OAuth2TokenValidator<Jwt>> validators = new ArrayList<>();
    validators.add(new JwtTimestampValidator(settings.authClockSkew()));
    validators.add(AuthTokens::hasSubjectAndEnd);
    validators.add(token -> of(endsBeforeItsRevocation(token, settings.revocationRetention())));
    validators.add(token -> of(!revocations.cover(grant(token))));
    if (!settings.authIssuer().isEmpty()) {
      validators.add(new JwtIssuerValidator(settings.authIssuer()));
    }
    if (!settings.authAudience().isEmpty()) {
      validators.add(token ->
          of(token.getAudience() != null && token.getAudience().contains(settings.authAudience())));
    }
    return new DelegatingOAuth2TokenValidator<>(validators);
  }

  /// The subject becomes a value in a database, which holds no U+0000; without an end a stolen
  /// token would be good for ever.
  private static OAuth2TokenValidatorResult hasSubjectAndEnd(Jwt token) {
    String subject = token.getSubject();
    return of(
        token.getExpiresAt() != null
            && subject != null
            && !subject.isBlank()
            && subject.length() <= MAX_SUBJECT
            && subject.chars().noneMatch(Character::isISOControl));
  }

  /// A token that lives longer than revocations are kept could come back to life.
  private static boolean endsBeforeItsRevocation(Jwt token, Duration retention) {
    Instant end = token.getExpiresAt();
    return end != null && end.isBefore(Instant.now().plus(retention));
  }

  private static Grant grant(Jwt token) {
    List<String> login = new ArrayList<>();
    login.add(RevocationKey.user(String.valueOf(token.getSubject())));
    if (token.getId() != null) {
      login.add(RevocationKey.token(token.getId()));
    }
    Instant issuedAt = token.getIssuedAt();
    return new Grant(login, issuedAt == null ? Instant.EPOCH : issuedAt, List.of(), Instant.EPOCH);
  }

  private static OAuth2TokenValidatorResult of(boolean valid) {
    return valid
        ? OAuth2TokenValidatorResult.success()
        : OAuth2TokenValidatorResult.failure(new OAuth2Error("invalid_token"));
  }
}
