package dev.rebasis.server.wiring;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.server.ServerConfig;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Map;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** Makes of PEM texts what Jetty wants for TLS. Pure functions. */
final class TlsKeys {
  private static final String[] ALGORITHMS = {"RSA", "EC", "Ed25519"};

  private TlsKeys() {}

  /**
   * Reads key and certificates.
   *
   * @throws RebasisException {@code :rebasis.error/tls} if they are none or do not belong together; no key is shown
   */
  static SslContextFactory.Server read(ServerConfig.Tls tls) {
    SslContextFactory.Server factory = new SslContextFactory.Server();
    factory.setKeyStore(store(tls));
    factory.setKeyStorePassword("");
    return factory;
  }

  /** The same as a store of keys without a password. */
  static KeyStore store(ServerConfig.Tls tls) {
    try {
      Certificate[] chain = CertificateFactory.getInstance("X.509").generateCertificates(
          new ByteArrayInputStream(tls.certificates().getBytes(StandardCharsets.US_ASCII))).toArray(new Certificate[0]);
      if (chain.length == 0) {
        throw wrong("there is no certificate in the file of certificates", null);
      }
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      PrivateKey key = key(tls.key());
      checkPair(key, chain[0]);
      store.setKeyEntry("server", key, new char[0], chain);
      return store;
    } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
      throw wrong(e.getMessage(), e);
    }
  }

  /** What the key signs must be what the certificate vouches for; else every client would be refused, later and unexplained. */
  private static void checkPair(PrivateKey key, Certificate certificate) throws GeneralSecurityException {
    byte[] text = {1, 2, 3};
    Signature signer = signature(key.getAlgorithm());
    signer.initSign(key);
    signer.update(text);
    boolean belongs = false;
    if (key.getAlgorithm().equals(certificate.getPublicKey().getAlgorithm())) {
      Signature verifier = signature(key.getAlgorithm());
      verifier.initVerify(certificate.getPublicKey());
      verifier.update(text);
      belongs = verifier.verify(signer.sign());
    }
    if (!belongs) {
      throw wrong("the key does not belong to the first certificate", null);
    }
  }

  private static Signature signature(String algorithm) throws GeneralSecurityException {
    return Signature.getInstance(switch (algorithm) {
      case "RSA" -> "SHA256withRSA";
      case "EC" -> "SHA256withECDSA";
      default -> algorithm;
    });
  }

  private static PrivateKey key(String pem) throws GeneralSecurityException {
    if (!pem.contains("BEGIN PRIVATE KEY")) {
      throw wrong("the key is not in PEM as PKCS#8 ('BEGIN PRIVATE KEY'); 'openssl pkcs8 -topk8 -nocrypt' makes it so", null);
    }
    byte[] encoded = Base64.getMimeDecoder().decode(
        pem.substring(pem.indexOf("BEGIN PRIVATE KEY")).replaceAll("-*(BEGIN|END) PRIVATE KEY-*", ""));
    for (String algorithm : ALGORITHMS) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
      } catch (InvalidKeySpecException e) {
        continue;
      }
    }
    throw wrong("the key is neither RSA nor EC nor Ed25519", null);
  }

  static RebasisException wrong(String why, Exception cause) {
    return new RebasisException(Keyword.of(":rebasis.error/tls"), ErrorCategory.FIX_REQUEST,
        "The TLS certificates or the key cannot be used: " + why + ".", Map.of(), cause);
  }
}
