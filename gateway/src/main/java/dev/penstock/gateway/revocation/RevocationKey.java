package dev.penstock.gateway.revocation;

/// What is revoked, as the keys of the topic name it.
public final class RevocationKey {
  private RevocationKey() {}

  public static String user(String subject) {
    return "user:" + subject;
  }

  public static String conversation(String id) {
    return "conversation:" + id;
  }

  public static String token(String jti) {
    return "jti:" + jti;
  }
}
