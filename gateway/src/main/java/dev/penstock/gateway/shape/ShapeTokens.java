package dev.penstock.gateway.shape;

import com.github.benmanes.caffeine.cache.Interner;
import dev.penstock.gateway.revocation.Grant;
import dev.penstock.gateway.revocation.RevocationKey;
import io.jsonwebtoken.Claims;
import io.jsonwebtoken.JwtParser;
import io.jsonwebtoken.Jwts;
import io.jsonwebtoken.ProtectedHeader;
import io.jsonwebtoken.security.SecurityException;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
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
  private final VerifiedTokens verified;
  private final JwtParser parser;

  /// What a policy says is the same in all tokens that are kept. Weak, since nothing bounds what
  /// earlier policies said.
  private final Interner<Object> policies = Interner.newWeakInterner();

  /// @param lifetime of a token; it also bounds how long a permission outlives its withdrawal
  public ShapeTokens(SigningKeys keys, Duration lifetime, Clock clock, MeterRegistry meters) {
    this(keys, lifetime, clock, new VerifiedTokens(meters));
  }

  ShapeTokens(SigningKeys keys, Duration lifetime, Clock clock, VerifiedTokens verified) {
    this.keys = keys;
    this.lifetime = lifetime;
    this.clock = clock;
    this.verified = verified;
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
  /// @param login the Auth Token that it is given for, which it never outlives
  /// @param revocableBy as [ShapePolicy#revocableBy]
  /// @param asked when the permission had not yet been asked: what is withdrawn after it covers
  ///   this token
  Minted mint(Login login, ShapeDefinition definition, List<String> revocableBy, Instant asked) {
    Instant now = clock.instant();
    Instant end = now.plus(lifetime);
    Instant expiresAt =
        (end.isBefore(login.expiresAt()) ? end : login.expiresAt()).truncatedTo(ChronoUnit.SECONDS);
    String token =
        Jwts.builder()
            .header()
            .keyId(keys.signingId())
            .and()
            .issuer(ISSUER)
            .subject(login.caller())
            .claim("aud", AUDIENCE)
            .issuedAt(Date.from(asked))
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
            .claim("auth_iat", login.issuedAt().getEpochSecond())
            .claim("auth_jti", login.id())
            .claim("revocable", revocableBy)
            .signWith(keys.signingKey(), Jwts.SIG.HS256)
            .compact();
    return new Minted(token, expiresAt);
  }

  /// Verifies a token. Whether it was revoked is not known here.
  ShapeToken verify(String token) throws InvalidShapeTokenException {
    CompactToken.checkLength(token);
    VerifiedTokens.Digest digest = VerifiedTokens.Digest.of(token);
    ShapeToken known = verified.find(digest);
    if (known == null) {
      return verifyUnknown(token, digest);
    }
    // To the millisecond, as the parser does.
    if (clock.instant().toEpochMilli() > known.expiresAt().toEpochMilli()) {
      verified.forget(digest);
      throw new InvalidShapeTokenException("expired");
    }
    return known;
  }

  private ShapeToken verifyUnknown(String token, VerifiedTokens.Digest digest)
      throws InvalidShapeTokenException {
    String kid = CompactToken.check(token);
    if (keys.of(kid).isEmpty()) {
      throw new InvalidShapeTokenException("unknown kid");
    }
    try {
      Claims claims = parser.parseSignedClaims(token).getPayload();
      ShapeToken good = read(claims);
      // None of ours has a beginning; of one that has, a clock that is set back says no again.
      return claims.getNotBefore() == null ? verified.keep(digest, good) : good;
    } catch (RuntimeException refused) {
      // Whatever the parser throws, JwtException or not: no token.
      throw new InvalidShapeTokenException(String.valueOf(refused.getMessage()), refused);
    }
  }

  private ShapeToken read(Claims claims) throws InvalidShapeTokenException {
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
            shared(text(claims.get("table"))),
            shared(texts(claims.get("columns"))),
            shared(texts(claims.get("queryable_columns"))),
            shared(text(claims.get("where"))),
            params(claims.get("params")),
            shared(replica)),
        grant(claims));
  }

  @SuppressWarnings("unchecked") // What is equal to a text is one, and to a list of texts as well.
  private <T> T shared(T value) {
    return (T) policies.intern(value);
  }

  /// What does not say when it was issued is older than any revocation.
  private static Grant grant(Claims claims) throws InvalidShapeTokenException {
    List<String> login = new ArrayList<>();
    login.add(RevocationKey.user(text(claims.getSubject())));
    if (claims.get("auth_jti") instanceof String id) {
      login.add(RevocationKey.token(id));
    }
    List<String> things = new ArrayList<>();
    things.add(RevocationKey.token(text(claims.getId())));
    if (claims.get("revocable") instanceof List<?> keys) {
      keys.forEach(key -> things.add(String.valueOf(key)));
    }
    Date issued = claims.getIssuedAt();
    return new Grant(
        login,
        claims.get("auth_iat") instanceof Number at
            ? Instant.ofEpochSecond(at.longValue())
            : Instant.EPOCH,
        things,
        issued == null ? Instant.EPOCH : issued.toInstant());
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
      return list.stream().map(String.class::cast).collect(Collectors.toUnmodifiableList());
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
