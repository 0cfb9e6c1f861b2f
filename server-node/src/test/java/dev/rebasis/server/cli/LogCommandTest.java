package dev.rebasis.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.error.RebasisException;
import dev.rebasis.server.RebasisServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * Goal: an operator can look at a log, prove it, and bring it back from a backup that was taken while the server ran; what
 * was changed or cut is refused. Method: a real server on a folder, and the command as from the command line.
 */
class LogCommandTest {
  private static final String SCHEMA = "[{:db/ident :order/note :db/valueType :db.type/string"
      + " :db/cardinality :db.cardinality/one}]";

  @TempDir Path dir;
  private Path data;

  @BeforeEach
  void names() {
    data = dir.resolve("data");
  }

  private record Ran(int status, String out, String error) {}

  private Ran run(Object... words) {
    StringWriter out = new StringWriter();
    String[] error = {""};
    CommandLine line = new CommandLine(new LogCommand()).setOut(new PrintWriter(out))
        .setExecutionExceptionHandler((e, command, parsed) -> {
          error[0] = e instanceof RebasisException reason ? reason.code() + " " + reason.getMessage() : e.toString();
          return 1;
        });
    int status = line.execute(List.of(words).stream().map(Object::toString).toArray(String[]::new));
    return new Ran(status, out.toString(), error[0]);
  }

  private RebasisServer start(Path folder) {
    return RebasisServer.builder().data(folder).schema("test", SCHEMA).onFatal(reason -> { }).start();
  }

  @Test
  void aBackupOfARunningServerComesBackAsItWasAndNotesTheFork() throws Exception {
    Path file = dir.resolve("backup.gz");
    long t;
    try (RebasisServer server = start(data)) {
      server.transact("[{:order/note \"tab\\t, line\\n, back\\\\slash, \\\"quotes\\\" and \u00fc\"}]").join();
      t = server.t();
      assertThat(run("backup", "--server", server.uri(), file).error()).isEmpty();
      server.transact("[{:order/note \"after the backup\"}]").join();
      assertThat(run("verify", "--data", data).error()).startsWith(":rebasis.error/log-in-use");
    }
    Path restored = dir.resolve("restored");
    assertThat(run("restore", "--data", restored, file).out()).contains("up to T " + t);
    assertThat(run("verify", "--data", restored).out()).contains("All is well");
    try (RebasisServer server = start(restored)) {
      Object notes = datomic.Peer.query("[:find [?n ...] :where [_ :order/note ?n]]", server.database());
      assertThat(notes).isEqualTo(List.of("tab\t, line\n, back\\slash, \"quotes\" and \u00fc"));
      Object forkT = datomic.Peer.query("[:find ?t . :where [_ :rebasis.db/forks ?f] [(untuple ?f) [?t _ _]]]", server.database());
      assertThat(forkT).isEqualTo(t);
    }
    assertThat(run("restore", "--data", restored, file).error()).startsWith(":rebasis.error/log-not-empty");
  }

  @Test
  void whatWasChangedOrCutIsRefused() throws Exception {
    try (RebasisServer server = start(data)) {
      server.transact("[{:order/note \"kept\"}]").join();
    }
    Path file = dir.resolve("export.txt");
    assertThat(run("export", "--data", data, file).status()).isZero();
    String text = Files.readString(file);
    Path changed = Files.writeString(dir.resolve("changed.txt"), text.replace("kept", "kopt"));
    assertThat(run("restore", "--data", dir.resolve("a"), changed).error()).startsWith(":rebasis.error/archive-damaged");
    Path cut = Files.writeString(dir.resolve("cut.txt"), text.substring(0, text.indexOf("end\t")));
    assertThat(run("restore", "--data", dir.resolve("b"), cut).error()).contains("its end is missing");
    assertThat(run("restore", "--data", dir.resolve("c"), dir.resolve("none")).error()).contains("There is no file");
  }

  @Test
  void listShowsTheTransactionsAndTheirNumber() {
    try (RebasisServer server = start(data)) {
      server.transact("[{:order/note \"shown\"}]").join();
    }
    assertThat(run("list", "--data", data).out()).contains("shown").endsWith("transactions" + System.lineSeparator());
    assertThat(run("list", "--data", data, "--max", "1").out()).startsWith("1000 ").contains("\n1 of ");
    assertThat(run("list", "--data", dir.resolve("none")).error()).startsWith(":rebasis.error/no-log");
  }

  @Test
  void aLogOfAnotherFormatIsRefusedBeforeAByteOfItIsTouched() throws Exception {
    start(data).close();
    byte[] before = Files.readAllBytes(data.resolve("log.mv.db"));
    Path label = data.resolve("log.txt");
    Files.writeString(label, Files.readString(label).replace("format 1.", "format 9."));
    Ran ran = run("verify", "--data", data);
    assertThat(ran.error()).startsWith(":rebasis.error/log-other-version").contains("format 9");
    assertThat(Files.readAllBytes(data.resolve("log.mv.db"))).isEqualTo(before);
  }

  @Test
  void aForkIsNotedOnlyAtAT() {
    start(data).close();
    assertThat(run("fork", "--data", data, "--at", "999999").error()).contains("no transaction with T 999999");
    assertThat(run("fork", "--data", data).out()).contains("Noted the fork");
  }

  @Test
  void theBackupIsGzipIfItsNameSaysSo() throws Exception {
    start(data).close();
    Path file = dir.resolve("export.gz");
    assertThat(run("export", "--data", data, file).status()).isZero();
    try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(file))) {
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).startsWith("rebasis-server-log\t1\n");
    }
  }
}
