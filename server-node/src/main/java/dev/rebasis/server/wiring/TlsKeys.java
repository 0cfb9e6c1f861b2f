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
    try {
      Certificate[] chain = CertificateFactory.getInstance("X.509").generateCertificates(
          new ByteArrayInputStream(tls.certificates().getBytes(StandardCharsets.US_ASCII))).toArray(new Certificate[0]);
      if (chain.length == 0) {
        throw wrong("there is no certificate in the file of certificates", null);
      }
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry("server", key(tls.key()), new char[0], chain);
      SslContextFactory.Server factory = new SslContextFactory.Server();
      factory.setKeyStore(store);
      factory.setKeyStorePassword("");
      return factory;
    } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
      throw wrong(e.getMessage(), e);
    }
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

  private static RebasisException wrong(String why, Exception cause) {
    return new RebasisException(Keyword.of(":rebasis.error/tls"), ErrorCategory.FIX_REQUEST,
        "The TLS certificates or the key cannot be used: " + why + ".", Map.of(), cause);
  }
}
