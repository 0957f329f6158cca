package dev.penstock.gateway;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;

/// Public keys from settings.
final class PublicKeys {
  private PublicKeys() {}

  /// Reads an X.509 key in PEM, its line breaks kept, lost, or written as `\\n`.
  ///
  /// @throws IllegalArgumentException where it is none for this algorithm
  static JWK read(String pem, SignatureAlgorithm algorithm) {
    boolean elliptic = algorithm.getName().startsWith("ES");
    String base64 = pem.replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s|\\\\n", "");
    try {
      X509EncodedKeySpec encoded = new X509EncodedKeySpec(Base64.getDecoder().decode(base64));
      if (!elliptic) {
        return new RSAKey.Builder(
                (RSAPublicKey) KeyFactory.getInstance("RSA").generatePublic(encoded))
            .build();
      }
      ECPublicKey key = (ECPublicKey) KeyFactory.getInstance("EC").generatePublic(encoded);
      Curve curve = Curve.forECParameterSpec(key.getParams());
      if (curve == null) {
        throw new IllegalArgumentException("a curve without a name");
      }
      return new ECKey.Builder(curve, key).build();
    } catch (GeneralSecurityException | IllegalArgumentException notAKey) {
      throw new IllegalArgumentException(
          "penstock.gateway.auth-public-key must be %s public key in PEM"
              .formatted(elliptic ? "an EC" : "an RSA"),
          notAKey);
    }
  }
}
