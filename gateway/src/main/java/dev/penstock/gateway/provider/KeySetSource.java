package dev.penstock.gateway.provider;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import dev.penstock.gateway.http.StrictJson;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.springframework.http.HttpHeaders;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.LoopResources;
import tools.jackson.databind.JsonNode;

/// Fetches a provider's key set over HTTP, its address if need be from the issuer's metadata.
public final class KeySetSource {
  private static final Duration PATIENCE = Duration.ofSeconds(3);
  private static final int LIMIT_BYTES = 256 * 1024;

  private final HttpClient client;

  public KeySetSource(LoopResources loops) {
    this.client =
        HttpClient.newConnection()
            .runOn(loops)
            .responseTimeout(PATIENCE)
            .headers(headers -> headers.set(HttpHeaders.ACCEPT, "application/json"));
  }

  /// The public keys at this URL; asked for with each subscription.
  public Mono<List<JWK>> at(String url) {
    return Mono.defer(() -> get(url)).map(KeySetSource::keys);
  }

  /// The public keys of this issuer, as its OpenID or OAuth metadata names them.
  public Mono<List<JWK>> ofIssuer(String issuer) {
    String base = issuer.replaceAll("/+$", "");
    return get(base + "/.well-known/openid-configuration")
        .onErrorResume(_ -> get(base + "/.well-known/oauth-authorization-server"))
        .map(metadata -> keySetUrl(metadata, issuer))
        .flatMap(this::at);
  }

  private Mono<byte[]> get(String url) {
    return client
        .get()
        .uri(url)
        .response((response, body) ->
            response.status().code() == 200
                ? body.asByteArray().reduceWith(() -> new byte[0], KeySetSource::append)
                : Mono.error(
                    new ProviderUnavailableException("status " + response.status().code())))
        .single()
        .timeout(PATIENCE);
  }

  private static byte[] append(byte[] before, byte[] piece) {
    if (before.length + piece.length > LIMIT_BYTES) {
      throw new ProviderUnavailableException("more than " + LIMIT_BYTES + " bytes");
    }
    byte[] both = Arrays.copyOf(before, before.length + piece.length);
    System.arraycopy(piece, 0, both, before.length, piece.length);
    return both;
  }

  private static List<JWK> keys(byte[] body) {
    try {
      List<JWK> keys =
          JWKSet.parse(new String(body, StandardCharsets.UTF_8)).getKeys().stream()
              // A secret in a public document is no key; and none of another use.
              .filter(key -> !key.isPrivate() && key.toPublicJWK() != null)
              .toList();
      if (keys.isEmpty()) {
        // Rather the keys that are known than none because of somebody's mistake.
        throw new ProviderUnavailableException("a key set without a public key");
      }
      return keys;
    } catch (ParseException notKeys) {
      throw new ProviderUnavailableException(notKeys);
    }
  }

  private static String keySetUrl(byte[] metadata, String issuer) {
    JsonNode document;
    try {
      document = StrictJson.object(metadata);
    } catch (IllegalArgumentException notJson) {
      throw new ProviderUnavailableException(notJson);
    }
    // Else another's metadata could be passed off as this issuer's.
    if (!issuer.equals(document.path("issuer").asString(""))) {
      throw new ProviderUnavailableException("metadata of another issuer");
    }
    String url = document.path("jwks_uri").asString("");
    if (url.isEmpty()) {
      throw new ProviderUnavailableException("metadata without jwks_uri");
    }
    return url;
  }
}
