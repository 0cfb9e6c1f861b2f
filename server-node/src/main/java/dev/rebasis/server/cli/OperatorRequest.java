package dev.rebasis.server.cli;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import picocli.CommandLine.Option;

/** Asks a running server as its operator. */
final class OperatorRequest {
  private static final Keyword REFUSED = Keyword.of(":rebasis.error/server-refused");

  @Option(
      names = "--server",
      paramLabel = "URL",
      required = true,
      description = "The database's address, as clients have it: http://HOST:PORT/db/NAME.")
  private URI server;

  @Option(names = "--token", paramLabel = "TOKEN", description = "The bearer token; or the variable REBASIS_TOKEN.")
  private String token;

  @Option(names = "--trust", paramLabel = "FILE",
      description = "Certificates in PEM to trust instead of those that Java does, such as the server's own.")
  private Path trust;

  /** What the program does with an answer. */
  interface Reader<T> {
    T read(InputStream body) throws IOException;
  }

  /**
   * Sends a request.
   *
   * @param page below the database's address
   * @throws RebasisException if the server cannot be reached or answers anything but 200
   */
  <T> T send(String method, String page, Reader<T> reader) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server + page)).method(method, HttpRequest.BodyPublishers.noBody());
    String bearer = token != null ? token : System.getenv("REBASIS_TOKEN");
    if (bearer != null) {
      request.header("Authorization", "Bearer " + bearer);
    }
    try {
      HttpResponse<InputStream> response =
          connections().send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream body = response.body()) {
        if (response.statusCode() != 200) {
          throw new RebasisException(REFUSED, ErrorCategory.ASK_PERSON, "The server answered " + response.statusCode() + ": "
              + new String(body.readNBytes(2_000), StandardCharsets.UTF_8).strip());
        }
        return reader.read(body);
      }
    } catch (IOException e) {
      throw new RebasisException(REFUSED, ErrorCategory.ASK_PERSON, "Cannot ask the server " + server + " (" + e
          + "). " + (e instanceof SSLException ? "Name its certificate with --trust if Java does not know it, and see that it speaks TLS."
              : "See that it runs, and that --server names a database of it."), Map.of(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RebasisException(REFUSED, ErrorCategory.RETRY_LATER, "Interrupted while asking the server.", Map.of(), e);
    }
  }

  private HttpClient connections() {
    if (trust == null) {
      return HttpClient.newHttpClient();
    }
    try (InputStream in = Files.newInputStream(trust)) {
      KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, null);
      for (Certificate certificate : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        trusted.setCertificateEntry("trusted-" + trusted.size(), certificate);
      }
      TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      managers.init(trusted);
      SSLContext tls = SSLContext.getInstance("TLS");
      tls.init(null, managers.getTrustManagers(), null);
      return HttpClient.newBuilder().sslContext(tls).build();
    } catch (IOException | GeneralSecurityException e) {
      throw new RebasisException(Keyword.of(":rebasis.error/wrong-certificates"), ErrorCategory.FIX_REQUEST,
          "The certificates to trust cannot be read from " + trust + ": " + e + ". Name a file of certificates in PEM.", Map.of(), e);
    }
  }

  /** The answer as text. */
  String text(String method, String page) {
    return send(method, page, body -> new String(body.readAllBytes(), StandardCharsets.UTF_8).strip());
  }
}
