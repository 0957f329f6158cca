package dev.penstock.shapes.shape;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Handles as text, signed with a key of the log's generation: a handle of another generation, of
/// another installation or of nobody does not verify.
public final class HandleCodec {
  /// A snapshot with more running transactions than this is retaken.
  public static final int MAX_RUNNING = 32;

  private static final byte VERSION = 1;
  private static final int FIXED = 1 + 8 + 8 + 8 + 4 + 4 + 8 + 8;
  private static final int SIGNATURE = 12;
  private static final int MAX_TEXT = 400;

  private final byte[] secret;

  public HandleCodec(String secret) {
    this.secret = secret.getBytes(UTF_8);
  }

  public String write(Handle handle, UUID generation) {
    List<Integer> running = handle.visibility().running();
    ByteBuffer bytes = ByteBuffer.allocate(FIXED + 4 * running.size() + SIGNATURE);
    bytes.put(VERSION);
    bytes.putLong(handle.definition()).putLong(handle.start()).putLong(handle.limit());
    bytes.putInt(handle.visibility().xmin()).putInt(handle.visibility().xmax());
    bytes.putLong(handle.createdMicros()).putLong(handle.nonce());
    running.forEach(bytes::putInt);
    bytes.put(sign(Arrays.copyOf(bytes.array(), bytes.position()), generation));
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
  }

  /// What the handle says; empty if it was not made here, or in another generation.
  public Optional<Handle> read(String text, UUID generation) {
    byte[] all = decode(text);
    int length = all.length - SIGNATURE;
    if (length < 0) {
      return Optional.empty();
    }
    byte[] body = Arrays.copyOf(all, length);
    byte[] signature = Arrays.copyOfRange(all, length, all.length);
    if (!MessageDigest.isEqual(sign(body, generation), signature)) {
      return Optional.empty();
    }
    ByteBuffer bytes = ByteBuffer.wrap(body, 1, length - 1);
    long definition = bytes.getLong();
    long start = bytes.getLong();
    long limit = bytes.getLong();
    int xmin = bytes.getInt();
    int xmax = bytes.getInt();
    long created = bytes.getLong();
    long nonce = bytes.getLong();
    List<Integer> running = new ArrayList<>();
    while (bytes.hasRemaining()) {
      running.add(bytes.getInt());
    }
    return Optional.of(
        new Handle(definition, start, limit, new Visibility(xmin, xmax, running), created, nonce));
  }

  /// Whether a text has a handle's form, whoever signed it.
  public boolean isForm(String text) {
    return decode(text).length > 0;
  }

  /// The handle's bytes; none if it has not the form of one.
  private static byte[] decode(String text) {
    try {
      byte[] all = text.length() > MAX_TEXT ? new byte[0] : Base64.getUrlDecoder().decode(text);
      int length = all.length - SIGNATURE;
      boolean form = length >= FIXED && (length - FIXED) % 4 == 0 && all[0] == VERSION;
      return form ? all : new byte[0];
    } catch (IllegalArgumentException e) {
      return new byte[0];
    }
  }

  private byte[] sign(byte[] body, UUID generation) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      mac.update("penstock shape handle".getBytes(UTF_8));
      mac.update(
          ByteBuffer.allocate(16)
              .putLong(generation.getMostSignificantBits())
              .putLong(generation.getLeastSignificantBits())
              .array());
      return Arrays.copyOf(mac.doFinal(body), SIGNATURE);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HmacSHA256 is part of every Java platform", e);
    }
  }
}
