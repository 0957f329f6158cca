package dev.penstock.local;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Properties;

/// The keys of a local Penstock, made at its first start and kept in its data directory, so that
/// tokens and handles outlive a restart.
///
/// @param auth signs and verifies the Auth Tokens of `/dev/login`
/// @param shapeToken signs and verifies Shape Tokens
/// @param handle signs the shape-server's handles
record Secrets(String auth, String shapeToken, String handle) {

  static Secrets in(Path directory) throws IOException {
    Path file = directory.resolve("secrets.properties");
    Properties kept = new Properties();
    if (Files.exists(file)) {
      try (InputStream in = Files.newInputStream(file)) {
        kept.load(in);
      }
    }
    SecureRandom random = new SecureRandom();
    for (String name : new String[] {"auth", "shape-token", "handle"}) {
      if (kept.getProperty(name) == null) {
        byte[] key = new byte[32];
        random.nextBytes(key);
        kept.setProperty(name, HexFormat.of().formatHex(key));
      }
    }
    Path draft =
        Files.createTempFile(
            directory,
            "secrets",
            ".tmp",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try (OutputStream out = Files.newOutputStream(draft)) {
      kept.store(out, "keys of this local Penstock");
    }
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return new Secrets(
        kept.getProperty("auth"), kept.getProperty("shape-token"), kept.getProperty("handle"));
  }
}
