package dev.penstock.gateway;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.http.MediaType;
import org.springframework.http.MediaTypeFactory;

/// The built page, read whole at the start: what is not in it cannot be asked for by any path.
final class Page {
  private static final String LOCATION = "penstock-web/";

  private final Map<String, Asset> byPath;

  private Page(Map<String, Asset> byPath) {
    this.byPath = Map.copyOf(byPath);
  }

  /// One file.
  ///
  /// @param gzip empty where it would not be smaller
  /// @param hashed its name changes with its content
  record Asset(Content plain, Optional<Content> gzip, MediaType type, boolean hashed) {}

  /// Bytes and their strong validator.
  static final class Content {
    private final byte[] bytes;
    private final String etag;

    private Content(byte[] bytes) {
      this.bytes = bytes;
      this.etag = '"' + sha256(bytes) + '"';
    }

    byte[] bytes() {
      return bytes;
    }

    String etag() {
      return etag;
    }
  }

  static Page ofClassPath() {
    Map<String, Asset> assets = new HashMap<>();
    try {
      for (Resource resource :
          new PathMatchingResourcePatternResolver().getResources("classpath*:" + LOCATION + "**")) {
        String url = resource.getURL().toString();
        if (!resource.isReadable() || url.endsWith("/")) {
          continue;
        }
        String path = "/" + url.substring(url.lastIndexOf(LOCATION) + LOCATION.length());
        assets.put(path, asset(path, resource.getContentAsByteArray()));
      }
    } catch (IOException unreadable) {
      throw new UncheckedIOException("The page on the class path cannot be read", unreadable);
    }
    Asset index = assets.get("/index.html");
    if (index != null) {
      assets.put("/", index);
    }
    return new Page(assets);
  }

  Optional<Asset> at(String path) {
    return Optional.ofNullable(byPath.get(path));
  }

  boolean isEmpty() {
    return byPath.isEmpty();
  }

  private static Asset asset(String path, byte[] bytes) throws IOException {
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
      gzip.write(bytes);
    }
    Optional<Content> gzip =
        zipped.size() < bytes.length
            ? Optional.of(new Content(zipped.toByteArray()))
            : Optional.empty();
    return new Asset(
        new Content(bytes),
        gzip,
        MediaTypeFactory.getMediaType(path).orElse(MediaType.APPLICATION_OCTET_STREAM),
        path.startsWith("/assets/"));
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes), 0, 16);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java has SHA-256", impossible);
    }
  }
}
