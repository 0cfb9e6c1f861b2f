package dev.rebasis.simulations.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.rebasis.server.RebasisServer;
import dev.rebasis.simulations.process.JavaProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What people do wrong, through the real command line. Each gets one sentence with the cause and the way out and an
 * exit status that is not 0, and afterwards the store or data folder is as it was: the tests compare its files byte by
 * byte, or open it again and look.
 */
class BadInputTest {
  private static final String SCHEMA = "[{:db/ident :order/number :db/valueType :db.type/string"
      + " :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}"
      + " {:db/ident :order/quantity :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]";

  @TempDir private Path folder;

  private Path store;
  private Path data;

  @BeforeEach
  void names() {
    store = folder.resolve("store");
    data = folder.resolve("data");
  }

  // ---- the server ----

  @Test
  void aPortInUse() throws IOException {
    long t = makeData();
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String port = Integer.toString(taken.getLocalPort());
      CommandRun.of("serve", "--data", data.toString(), "--port", port).refused(port, "--port");
    }
    assertThat(serverT()).as("the folder can be used").isEqualTo(t);
  }

  @Test
  void aDataFolderOfAnotherVersion() throws Exception {
    long t = makeData();
    sql("jdbc:h2:" + data.resolve("log"), "UPDATE settings SET setting = '99' WHERE name = 'format'");

    serve().refused("format 99", "reads format 1");

    sql("jdbc:h2:" + data.resolve("log"), "UPDATE settings SET setting = '1' WHERE name = 'format' AND setting = '99'");
    assertThat(serverT()).as("the log was left as it was").isEqualTo(t);
  }

  @Test
  void aDamagedServerLog() throws IOException {
    makeData();
    damage(data.resolve("log.mv.db"));
    Map<String, String> before = bytes(data);

    serve().refused("damaged", "backup");

    assertThat(bytes(data)).isEqualTo(before);
  }

  @Test
  void aSchemaWithAnErrorLeavesNothingOfIt() throws IOException {
    long t = makeData();
    Path half = Files.writeString(folder.resolve("half.edn"), SCHEMA + "\n[{:db/ident :a/b :db/valueType :db.type/lonng"
        + " :db/cardinality :db.cardinality/one}]");
    Path text = Files.writeString(folder.resolve("text.edn"), "[{:db/ident :a/b");
    Path map = Files.writeString(folder.resolve("map.edn"), "{:db/ident :a/b}");

    serve("--schema", half.toString()).refused("Transaction 2", "half.edn", ":db.type/lonng");
    serve("--schema", text.toString()).refused("text.edn", "line 1");
    serve("--schema", map.toString()).refused("map.edn", "vector");
    serve("--schema", folder.resolve("none.edn").toString()).refused("none.edn", "no such file", "--schema");

    assertThat(serverT()).as("nothing was committed").isEqualTo(t);
  }

  // ---- the store ----

  @Test
  void foldersThatOtherProcessesHold() throws Exception {
    makeStore();
    try (JavaProcess holder = JavaProcess.start("holder", null, List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
        StoreHolder.class.getName(), List.of(store.toString(), data.toString()))) {
      holder.awaitLine(line -> line.startsWith("open "), 120);
      String pid = "process " + holder.pid() + " on host ";

      client("status").refused(store.toString(), pid, " since 20", "Close it there");
      serve().refused(data.toString(), pid, " since 20", "--data");
    }
    client("status").done();
  }

  @Test
  void aStoreOfAnotherVersion() throws Exception {
    makeStore();
    Path label = store.resolve("store.txt");
    Files.writeString(label, Files.readString(label).replaceFirst("format \\d+", "format 99"));
    Map<String, String> before = bytes(store);

    client("status").refused("format 99", "version that wrote it");
    client("transact", "[{:order/number \"x\"}]").refused("format 99");

    assertThat(bytes(store)).isEqualTo(before);
  }

  @Test
  void aDamagedStore() throws IOException {
    makeStore();
    damage(store.resolve("log.mv.db"));
    Map<String, String> before = bytes(store);

    client("status").refused("damaged", "docs/store.md");
    client("verify").refused("damaged");

    assertThat(bytes(store)).isEqualTo(before);
  }

  @Test
  void aFolderWithoutAStoreStaysAsItIs() throws IOException {
    client("status").refused("no store in " + store, "--create");
    client("transact", SCHEMA).refused("no store in");
    assertThat(store).doesNotExist();

    Files.createDirectory(store);
    Files.writeString(store.resolve("letter.txt"), "Dear");
    client("transact", "--create", SCHEMA).refused("no store in", "other files");
    assertThat(store.toFile().list()).containsExactly("letter.txt");
  }

  @Test
  void transactionsThatCannotBe() throws IOException {
    makeStore();
    Path latin = Files.write(folder.resolve("latin.edn"), new byte[] {'[', (byte) 0xe9, ']'});

    client("transact", "[{:order/number \"B-1\" :order/colour \"red\"}]").refused(":order/colour");
    client("transact", "[{:order/number \"B-1\" :order/quantity \"three\"}]").refused(":order/quantity", "three", "long");
    client("transact", "[[:db/add \"x\" :order/number]]").refused(":db/add");
    client("transact", "[[:order/number").refused("EDN, line 1");
    client("transact", "{:order/number \"B-1\"}").refused("rebasis: ");
    client("transact", "@" + folder.resolve("none.edn")).refused("none.edn", "no such file");
    client("transact", "@" + latin).refused("latin.edn", "UTF-8");

    assertThat(client("pending").done()).contains("2 pending").doesNotContain("B-1");
    assertThat(client("verify").done()).startsWith("sound");
  }

  @Test
  void queriesThatCannotBe() {
    makeStore();
    client("q", "[:find ?e :where [?e :order/colour]]").refused(":order/colour");
    client("q", "[:find ?x :where [?e :order/number]]").refused("?x");
    client("q", "[:find ?e").refused("EDN");
    client("entity", "[:order/number \"Z\"]").refused("no entity");
  }

  // ---- the server's address ----

  @Test
  void anAddressWhereNoRebasisServerIs() throws IOException {
    makeStore();
    HttpServer web = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
    web.createContext("/", exchange -> {
      byte[] page = "<html>Welcome</html>".getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, page.length);
      exchange.getResponseBody().write(page);
      exchange.close();
    });
    web.start();
    try {
      String uri = "http://127.0.0.1:" + web.getAddress().getPort() + "/db/main";
      client("sync", "--server", uri).refused(uri, "no Rebasis database", "/db/name");
      client("transact", "--server", uri, "[{:order/number \"B-1\"}]").refused("no Rebasis database");
    } finally {
      web.stop(0);
    }
    assertThat(client("pending").done()).contains("2 pending").doesNotContain("B-1");
  }

  @Test
  void aPortThatSpeaksSomethingElse() throws Exception {
    makeStore();
    try (ServerSocket mail = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"))) {
      Thread greeter = new Thread(() -> greet(mail));
      greeter.start();
      client("sync", "--server", "http://127.0.0.1:" + mail.getLocalPort() + "/db/main")
          .refused("no Rebasis database");
      mail.close();
      greeter.join();
    }
  }

  private static void greet(ServerSocket mail) {
    while (true) {
      try (Socket socket = mail.accept(); OutputStream out = socket.getOutputStream()) {
        out.write("220 mail.example.org ESMTP\r\n".getBytes(StandardCharsets.US_ASCII));
      } catch (IOException e) {
        // The test is over.
        return;
      }
    }
  }

  @Test
  void addressesThatAreWrong() throws IOException {
    makeStore();
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      free = socket.getLocalPort();
    }
    client("sync", "--timeout", "1", "--server", "http://127.0.0.1:" + free + "/db/main")
        .refused("within 1 s", "cannot be reached");
    client("transact", "--timeout", "1", "--server", "http://127.0.0.1:" + free + "/db/main", "[{:db/doc \"kept?\"}]")
        .refused("Nothing was written. Without --server");
    client("sync", "--server", "ftp://example.org/db").refused("ftp://example.org/db", "http://host:8484/db/name");
    try (RebasisServer server = RebasisServer.builder().inMemory().start()) {
      client("sync", "--server", server.uri().toString().replace("main", "other")).refused("no Rebasis database", "404");
    }
    assertThat(client("pending").done()).contains("2 pending");
  }

  @Test
  void theServerOfAnotherDatabase() {
    makeStore();
    try (RebasisServer first = RebasisServer.builder().inMemory().start();
        RebasisServer second = RebasisServer.builder().inMemory().start()) {
      client("sync", "--server", first.uri().toString()).done();
      client("transact", "[{:order/number \"C-1\"}]").done();
      client("sync", "--server", second.uri().toString()).refused("follows the database", "new store");
      assertThat(client("pending").done()).contains("1 pending");
      client("sync", "--server", first.uri().toString()).done();
    }
  }

  // ---- means ----

  private CommandRun client(String command, String... more) {
    return CommandRun.of(Stream.concat(
        Stream.of("client", command, "--store", store.toString()), Stream.of(more)).toArray(String[]::new));
  }

  private CommandRun serve(String... more) {
    return CommandRun.of(Stream.concat(
        Stream.of("serve", "--port", "0", "--data", data.toString()), Stream.of(more)).toArray(String[]::new));
  }

  /** A store with two pending transactions. */
  private void makeStore() {
    client("transact", "--create", SCHEMA).done();
    client("transact", "[{:order/number \"A-1\" :order/quantity 1}]").done();
  }

  private long makeData() {
    try (RebasisServer server = RebasisServer.builder().data(data).start()) {
      server.transact("[{:db/doc \"a fact\"}]").orTimeout(60, TimeUnit.SECONDS).join();
      return server.t();
    }
  }

  private long serverT() {
    try (RebasisServer server = RebasisServer.builder().data(data).start()) {
      return server.t();
    }
  }

  private static void sql(String url, String update) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url, "sa", "");
        Statement statement = connection.createStatement()) {
      assertThat(statement.executeUpdate(update)).isEqualTo(1);
    }
  }

  /** Overwrites the middle third of a file: its begin still looks like H2's. */
  private static void damage(Path file) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      byte[] garbage = new byte[(int) (bytes.length() / 3)];
      Arrays.fill(garbage, (byte) 'x');
      bytes.seek(garbage.length);
      bytes.write(garbage);
    }
  }

  /** A hash of each file in a folder but the lock, which names the process that asked last, to see that none changed. */
  private static Map<String, String> bytes(Path folder) throws IOException {
    Map<String, String> all = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(file -> !file.endsWith("lock")).toList()) {
        all.put(file.getFileName().toString(), HexFormat.of().formatHex(sha256(Files.readAllBytes(file))));
      }
    }
    return all;
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
