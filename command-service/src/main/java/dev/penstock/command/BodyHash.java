package dev.penstock.command;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/// SHA-256 of a command's content. It is stored: another way to compute it turns repeats into
/// conflicts.
final class BodyHash {
  private BodyHash() {}

  /// Ids of fixed length before the text, so that no two commands of a kind have the same bytes.
  static byte[] of(byte[] text, UUID... ids) {
    ByteBuffer head = ByteBuffer.allocate(ids.length * 16);
    for (UUID id : ids) {
      head.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
    }
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(head.flip());
      return digest.digest(text);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
