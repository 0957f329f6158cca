package dev.penstock.gateway.shape;

import io.jsonwebtoken.Claims;
import io.jsonwebtoken.JwtParser;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.ProtectedHeader;
import io.jsonwebtoken.security.SecurityException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Mints and verifies Shape Tokens.
public final class ShapeTokens {
  static final String ISSUER = "penstock-gateway";
  static final String AUDIENCE = "penstock-shape";

  private final SigningKeys keys;
  private final Duration lifetime;
  private final Clock clock;
  private final JwtParser parser;

  /// @param lifetime of a token; it also bounds how long a permission outlives its withdrawal
  public ShapeTokens(SigningKeys keys, Duration lifetime, Clock clock) {
    this.keys = keys;
    this.lifetime = lifetime;
    this.clock = clock;
    this.parser =
        Jwts.parser()
            .sig()
            .clear()
            .add(Jwts.SIG.HS256)
            .and()
            .keyLocator(header ->
                header instanceof ProtectedHeader signed && signed.getKeyId() != null
                    ? keys.of(signed.getKeyId())
                        .orElseThrow(() -> new SecurityException("unknown kid"))
                    : null)
            .requireIssuer(ISSUER)
            .clock(() -> Date.from(clock.instant()))
            .build();
  }

  record Minted(String token, Instant expiresAt) {}

  /// Signs a token.
  ///
  /// @param notAfter a Shape Token never outlives the Auth Token that it was given for
  Minted mint(String caller, ShapeDefinition definition, Instant notAfter) {
    Instant now = clock.instant();
    Instant end = now.plus(lifetime);
    Instant expiresAt = (end.isBefore(notAfter) ? end : notAfter).truncatedTo(ChronoUnit.SECONDS);
    String token =
        Jwts.builder()
            .header()
            .keyId(keys.signingId())
            .and()
            .issuer(ISSUER)
            .subject(caller)
            .claim("aud", AUDIENCE)
            .issuedAt(Date.from(now))
            .expiration(Date.from(expiresAt))
            .id(UUID.randomUUID().toString())
            .claim("table", definition.table())
            .claim("columns", definition.columns())
            .claim("queryable_columns", definition.queryableColumns())
            .claim("where", definition.where())
            .claim(
                "params",
                definition.params().entrySet().stream()
                    .collect(
                        Collectors.toMap(entry -> entry.getKey().toString(), Map.Entry::getValue)))
            .claim("replica", definition.replica())
            .signWith(keys.signingKey(), Jwts.SIG.HS256)
            .compact();
    return new Minted(token, expiresAt);
  }

  ShapeToken verify(String token) throws InvalidShapeTokenException {
    String kid = CompactToken.check(token);
    if (keys.of(kid).isEmpty()) {
      throw new InvalidShapeTokenException("unknown kid");
    }
    try {
      return read(parser.parseSignedClaims(token).getPayload());
    } catch (RuntimeException refused) {
      // Whatever the parser throws, JwtException or not: no token.
      throw new InvalidShapeTokenException(String.valueOf(refused.getMessage()), refused);
    }
  }

  private static ShapeToken read(Claims claims) throws InvalidShapeTokenException {
    if (!Set.of(AUDIENCE).equals(claims.getAudience())) {
      throw new InvalidShapeTokenException("another audience");
    }
    Date expiration = claims.getExpiration();
    if (expiration == null) {
      throw new InvalidShapeTokenException("no exp");
    }
    String replica = text(claims.get("replica"));
    if (!replica.equals("default") && !replica.equals("full")) {
      throw new InvalidShapeTokenException("another replica");
    }
    return new ShapeToken(
        text(claims.getSubject()),
        text(claims.getId()),
        expiration.toInstant(),
        new ShapeDefinition(
            text(claims.get("table")),
            texts(claims.get("columns")),
            texts(claims.get("queryable_columns")),
            text(claims.get("where")),
            params(claims.get("params")),
            replica));
  }

  private static String text(@Nullable Object claim) throws InvalidShapeTokenException {
    if (claim instanceof String text && !text.isEmpty()) {
      return text;
    }
    throw new InvalidShapeTokenException("a claim is missing or not a text");
  }

  private static List<String> texts(@Nullable Object claim) throws InvalidShapeTokenException {
    if (claim instanceof List<?> list
        && !list.isEmpty()
        && list.stream().allMatch(String.class::isInstance)) {
      return list.stream().map(String.class::cast).toList();
    }
    throw new InvalidShapeTokenException("a claim is missing or not a list of texts");
  }

  private static SortedMap<Integer, String> params(@Nullable Object claim)
      throws InvalidShapeTokenException {
    if (!(claim instanceof Map<?, ?> map)) {
      throw new InvalidShapeTokenException("no params");
    }
    SortedMap<Integer, String> params = new TreeMap<>();
    for (int number = 1; number <= map.size(); number++) {
      // An empty text is a value like any other.
      if (!(map.get(Integer.toString(number)) instanceof String value)) {
        throw new InvalidShapeTokenException("params without a gap, texts only");
      }
      params.put(number, value);
    }
    return params;
  }
}
