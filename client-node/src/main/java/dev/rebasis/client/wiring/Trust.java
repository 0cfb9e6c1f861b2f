package dev.rebasis.client.wiring;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import okhttp3.OkHttpClient;

/**
 * Certificates that a client takes for good beside those that its JVM does: a company's own authority, or a server's own
 * certificate. Immutable.
 */
public final class Trust {
  /** Nothing beside what the JVM trusts. */
  public static final Trust OF_JVM = new Trust(List.of());

  private final List<X509Certificate> own;

  private Trust(List<X509Certificate> own) {
    this.own = List.copyOf(own);
  }

  /**
   * Reads certificates.
   *
   * @param pem a file of one or several certificates in PEM
   * @throws RebasisException {@code :rebasis.error/wrong-certificates} if it holds none
   */
  public static Trust of(Path pem) {
    try (InputStream in = Files.newInputStream(pem)) {
      List<X509Certificate> read = new ArrayList<>();
      for (Certificate certificate : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        read.add((X509Certificate) certificate);
      }
      if (read.isEmpty()) {
        throw wrong(pem, "it holds none", null);
      }
      return new Trust(read);
    } catch (IOException | GeneralSecurityException e) {
      throw wrong(pem, e.toString(), e);
    }
  }

  private static RebasisException wrong(Path pem, String why, Exception cause) {
    return new RebasisException(Keyword.of(":rebasis.error/wrong-certificates"), ErrorCategory.FIX_REQUEST,
        "The certificates to trust cannot be read from " + pem + ": " + why + ". Name a file of certificates in PEM.", Map.of(),
        cause);
  }

  /** Has connections trust them. */
  void on(OkHttpClient.Builder connections) {
    if (own.isEmpty()) {
      return;
    }
    try {
      KeyStore all = KeyStore.getInstance(KeyStore.getDefaultType());
      all.load(null, null);
      int count = 0;
      for (X509Certificate certificate : manager(null).getAcceptedIssuers()) {
        all.setCertificateEntry("jvm-" + count++, certificate);
      }
      for (X509Certificate certificate : own) {
        all.setCertificateEntry("own-" + count++, certificate);
      }
      X509TrustManager trusting = manager(all);
      SSLContext tls = SSLContext.getInstance("TLS");
      tls.init(null, new TrustManager[] {trusting}, null);
      connections.sslSocketFactory(tls.getSocketFactory(), trusting);
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("The JVM offers no TLS with certificates of one's own.", e);
    }
  }

  /** The JVM's own for a store of null. */
  private static X509TrustManager manager(KeyStore store) throws GeneralSecurityException {
    TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509TrustManager one) {
        return one;
      }
    }
    throw new GeneralSecurityException("no manager of X.509 certificates");
  }
}
