package dev.rebasis.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ServeCommandTest {
  private static final Pattern READY =
      Pattern.compile("Listening on http://127\\.0\\.0\\.1:(\\d+)/db/main \\(T (\\d+), data in .*\\)");

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir private Path folder;

  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void end() {
    started.forEach(Process::destroyForcibly);
  }

  /** One story with two servers, since each takes seconds to start. */
  @Test
  void itTakesWebTokensSurvivesAKillFollowsItsFilesAndDrainsBeforeItStops() throws Exception {
    Path schema = folder.resolve("schema.edn");
    Files.writeString(schema, "[{:db/ident :a/b :db/valueType :db.type/string :db/cardinality :db.cardinality/one}]");
    ECKey key = new ECKeyGenerator(Curve.P_256).keyID("k").generate();
    Path keys = Files.writeString(folder.resolve("keys.json"), new JWKSet(key.toPublicJWK()).toString());
    Process killed = serve("--schema", schema.toString(), "--no-warm-up", "--jwt-key", keys.toString(), "--jwt-issuer", "us",
        "--jwt-audience", "orders");
    Matcher first = ready(killed);
    webTokensAreTakenByKeyIssuerAndAudience(
        URI.create("http://127.0.0.1:" + first.group(1) + "/db/main/pull?pattern=%5B*%5D&entity=0"), key);
    killed.destroyForcibly().waitFor();

    Path tokens = Files.writeString(folder.resolve("tokens"), "old-token-0123456789 ann boss\n");
    Path access = Files.writeString(folder.resolve("access"), "{:roles {:boss {}}}");
    Process server = serve("--drain", "3", "--no-warm-up", "--tokens", tokens.toString(), "--access", access.toString());
    Matcher second = ready(server);
    assertThat(second.group(2)).as("the same T").isEqualTo(first.group(2));
    String address = "http://127.0.0.1:" + second.group(1);
    HttpResponse<String> health = HTTP.send(
        HttpRequest.newBuilder(URI.create(address + "/health")).build(), HttpResponse.BodyHandlers.ofString());
    assertThat(health.body()).contains("\"t\":" + second.group(2));
    followsItsFiles(URI.create(address + "/db/main/pull?pattern=%5B*%5D&entity=0"), tokens, access);
    drains(server, URI.create(address + "/ready"));
  }

  private static void drains(Process server, URI page) throws IOException, InterruptedException {
    assertThat(status(page)).isEqualTo(200);
    // Not through the process itself, which would close what it prints to.
    server.toHandle().destroy();
    // Asked again until the signal has arrived; the server answers all the while, for it has not said goodbye yet.
    int status = status(page);
    while (status == 200) {
      status = status(page);
    }
    assertThat(status).isEqualTo(503);
    assertThat(server.isAlive()).isTrue();
    assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(server.exitValue()).isZero();
    assertThat(server.inputReader().lines()).contains("Stopping: /ready says no for 3 s first.", "Stopped.");
  }

  private static int status(URI page) throws IOException, InterruptedException {
    return HTTP.send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.ofString())
        .statusCode();
  }

  private static void followsItsFiles(URI page, Path tokens, Path access) throws IOException, InterruptedException {
    assertThat(status(page, "old-token-0123456789")).isEqualTo(200);
    Files.writeString(tokens, "new-token-0123456789 ann boss\n");
    // Asked again until the server has looked.
    int status = status(page, "new-token-0123456789");
    while (status == 401) {
      status = status(page, "new-token-0123456789");
    }
    assertThat(status).isEqualTo(200);
    assertThat(status(page, "old-token-0123456789")).isEqualTo(401);
    Files.writeString(access, "{:roles {:boss {:hide [:db/doc]}}}");
    while (status == 200) {
      status = status(page, "new-token-0123456789");
    }
    assertThat(status).as("who does not see everything gets no answers to questions").isEqualTo(403);
  }

  private static void webTokensAreTakenByKeyIssuerAndAudience(URI page, ECKey key) throws Exception {
    assertThat(status(page, token(key, "us", "orders"))).isEqualTo(200);
    assertThat(status(page, token(key, "us", "people"))).as("for others").isEqualTo(401);
    assertThat(status(page, token(key, "them", "orders"))).as("of others").isEqualTo(401);
    assertThat(status(page, token(new ECKeyGenerator(Curve.P_256).keyID("k").generate(), "us", "orders"))).isEqualTo(401);
    assertThat(status(page)).isEqualTo(401);
  }

  private static String token(ECKey key, String issuer, String audience) throws JOSEException {
    SignedJWT token = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("k").build(), new JWTClaimsSet.Builder()
        .subject("ann").issuer(issuer).audience(audience).expirationTime(Date.from(Instant.now().plusSeconds(600))).build());
    token.sign(new ECDSASigner(key));
    return token.serialize();
  }

  /** Asked again while the answer before, which has arrived, has not given its place back yet. */
  private static int status(URI page, String token) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(page).header("Authorization", "Bearer " + token).build();
    HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    while (response.statusCode() == 503 && response.body().contains(":rebasis.error/busy")) {
      response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    }
    return response.statusCode();
  }

  @Test
  void aPortInUseIsOneSentence() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      assertRefused("--port", "--in-memory", "--port", Integer.toString(taken.getLocalPort()));
    }
  }

  @Test
  void aPortThatIsNoneAndRulesThatAreNoneAreOneSentence() throws IOException {
    assertRefused("--port is a number between 0 and 65535, not 99999", "--in-memory", "--port", "99999");
    Path rules = Files.writeString(folder.resolve("rules.edn"), "these are four words");
    Path tokens = Files.writeString(folder.resolve("some.tokens"), "token-0123456789 ann boss");
    assertRefused("rules.edn", "--in-memory", "--port", "0", "--tokens", tokens.toString(), "--access", rules.toString());
  }

  @Test
  void aFolderThatCannotBeUsedIsOneSentence() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertRefused("file", "--port", "0", "--data", file.resolve("sub").toString());
  }

  @Test
  void schemaFilesThatCannotBeReadAreOneSentence() throws IOException {
    assertRefused("no such file", "--in-memory", "--schema", folder.resolve("missing.edn").toString());
    Path binary = folder.resolve("binary.edn");
    Files.write(binary, new byte[] {(byte) 0xff, (byte) 0xfe});
    assertRefused("UTF-8", "--in-memory", "--schema", binary.toString());
    Path broken = folder.resolve("broken.edn");
    Files.writeString(broken, "[{:db/ident");
    assertRefused("broken.edn", "--in-memory", "--port", "0", "--schema", broken.toString());
  }

  @Test
  void severalDatabasesAreNamedLineByLine() throws Exception {
    Path schema = folder.resolve("schema.edn");
    Files.writeString(schema, "[{:db/ident :a/b :db/valueType :db.type/string :db/cardinality :db.cardinality/one}]");
    Path file = folder.resolve("databases.edn");
    Files.writeString(file, "{\"orders\" {:data \"" + folder.resolve("orders") + "\" :schema [\"" + schema + "\"]}"
        + " \"stock\" {:datomic \"datomic:mem://stock\" :allow-policy [:rebasis.policy/counter]}}");
    Process process = java("--port", "0", "--no-warm-up", "--databases", file.toString());
    BufferedReader out = process.inputReader();
    assertThat(List.of(out.readLine(), out.readLine())).anyMatch(line -> line.matches("Listening on .*/db/orders \\(T \\d+, data in .*orders\\)"))
        .anyMatch(line -> line.matches("Listening on .*/db/stock \\(T \\d+, in Datomic\\)"));
    process.toHandle().destroy(); // Process.destroy() would close what it prints
    assertThat(out.lines()).containsExactly("Stopped.");
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  @Test
  void aDatabasesFileThatCannotBeUsedIsOneSentence() throws IOException {
    Path file = folder.resolve("databases.edn");
    for (String[] wrong : new String[][] {{"[1", "not EDN"}, {"[]", "map of names"}, {"{\"a\" {:dta \"x\"}}", ":dta"},
        {"{\"a\" {}}", "either :data"}, {"{\"a\" {:data \"x\" :datomic \"y\"}}", "either :data"},
        {"{\"a\" {:data 5}}", "text should stand"}, {"{\"a\" {:data \"x\" :schema \"s\"}}", "not a vector"}}) {
      Files.writeString(file, wrong[0]);
      assertRefused(wrong[1], "--port", "0", "--databases", file.toString());
    }
    Files.writeString(file, "{\"a\" {:data \"x\"}}");
    assertRefused("--db", "--port", "0", "--databases", file.toString(), "--db", "other");
  }

  @Test
  void aDatomicUriThatCannotBeReachedIsOneSentence() {
    assertRefused("is no URI of Datomic", "--port", "0", "--datomic", "orders");
    assertRefused("Cannot reach the database datomic:nothing://orders", "--port", "0", "--datomic", "datomic:nothing://orders");
  }

  @Test
  void aMistypedPolicyInTheListIsOneSentence() {
    assertRefused(":rebasis.policy/conter", "--in-memory", "--port", "0", "--allow-policy", ":rebasis.policy/conter");
    assertRefused("counter", "--in-memory", "--port", "0", "--allow-policy", "counter");
  }

  @Test
  void aDamagedLogIsOneSentence() throws IOException {
    Files.writeString(folder.resolve("log.mv.db"), "garbage ".repeat(2000));
    assertRefused("damaged", "--port", "0", "--data", folder.toString());
  }

  private static void assertRefused(String part, String... args) {
    StringWriter err = new StringWriter();
    CommandLine command = ServeMain.commandLine().setErr(new PrintWriter(err, true));
    assertThat(command.execute(args)).isEqualTo(1);
    assertThat(err.toString().strip()).startsWith("rebasis: ").contains(part).doesNotContain("\n")
        .doesNotContain("\tat ");
  }

  private Process serve(String... more) throws IOException {
    List<String> args = new ArrayList<>(List.of("--port", "0", "--data", folder.resolve("data").toString()));
    args.addAll(List.of(more));
    return java(args.toArray(String[]::new));
  }

  private Process java(String... args) throws IOException {
    List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-cp", System.getProperty("java.class.path"), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
        ServeMain.class.getName()));
    command.addAll(List.of(args));
    Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    started.add(process);
    return process;
  }

  /** The process's first line; blocks until it comes or the process ends. */
  private static Matcher ready(Process process) throws IOException {
    BufferedReader out = process.inputReader();
    String line = out.readLine();
    assertThat(line).isNotNull();
    Matcher ready = READY.matcher(line);
    assertThat(ready.matches()).as(line).isTrue();
    return ready;
  }
}
