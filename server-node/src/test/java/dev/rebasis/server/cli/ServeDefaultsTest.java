package dev.rebasis.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Flags before the environment before the file before the defaults. */
class ServeDefaultsTest {
  @TempDir private Path folder;

  private static Object value(Map<String, String> environment, String option, String... arguments) {
    CommandLine command = new CommandLine(new ServeCommand());
    command.setDefaultValueProvider(new ServeDefaults(environment));
    return command.parseArgs(arguments).commandSpec().findOption(option).getValue();
  }

  @Test
  void eachPlaceGoesBeforeTheNext() throws Exception {
    Path file = Files.writeString(folder.resolve("rebasis.properties"), "port=1001\ntls-cert=from-file\nin-memory=true\n");
    Map<String, String> fromFile = Map.of("REBASIS_CONFIG", file.toString());
    Map<String, String> both = Map.of("REBASIS_CONFIG", file.toString(), "REBASIS_PORT", "1002");
    assertThat(value(Map.of(), "--port")).isEqualTo(8484);
    assertThat(value(fromFile, "--port")).isEqualTo(1001);
    assertThat(value(fromFile, "--tls-cert")).isEqualTo(Path.of("from-file"));
    assertThat(value(fromFile, "--in-memory")).isEqualTo(true);
    assertThat(value(both, "--port")).isEqualTo(1002);
    assertThat(value(both, "--port", "--port", "1003")).isEqualTo(1003);
  }

  @Test
  void optionsWithSeveralValuesHaveThemPartedByCommas() throws Exception {
    Path file = Files.writeString(folder.resolve("several.properties"),
        "schema=a.edn,b.edn\nallow-policy=:rebasis.policy/counter,:rebasis.policy/max\n");
    Map<String, String> fromFile = Map.of("REBASIS_CONFIG", file.toString());
    assertThat(value(fromFile, "--schema")).isEqualTo(List.of(Path.of("a.edn"), Path.of("b.edn")));
    assertThat(value(fromFile, "--allow-policy")).isEqualTo(List.of(":rebasis.policy/counter", ":rebasis.policy/max"));
    assertThat(value(Map.of("REBASIS_SCHEMA", "c.edn,d.edn"), "--schema")).isEqualTo(List.of(Path.of("c.edn"), Path.of("d.edn")));
    assertThat(value(fromFile, "--schema", "--schema", "x.edn", "--schema", "y.edn"))
        .as("the command line alone counts").isEqualTo(List.of(Path.of("x.edn"), Path.of("y.edn")));
  }

  @Test
  void theCommandLineCanNameTheFile() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      Path file = Files.writeString(folder.resolve("named.properties"),
          "in-memory=true\nport=" + taken.getLocalPort() + "\nno-warm-up=true\n");
      StringWriter err = new StringWriter();
      int status = ServeMain.commandLine().setErr(new PrintWriter(err, true)).execute("--config", file.toString());
      assertThat(status).isEqualTo(1);
      assertThat(err.toString()).contains("Cannot listen on 127.0.0.1:" + taken.getLocalPort());
      err.getBuffer().setLength(0);
      Path missing = folder.resolve("missing.properties");
      ServeMain.commandLine().setErr(new PrintWriter(err, true)).execute("--config", missing.toString());
      assertThat(err.toString()).contains("missing.properties").contains("--config");
    }
  }

  @Test
  void aMistypedNameInTheFileIsToldAndNothingIsServed() throws Exception {
    Path file = Files.writeString(folder.resolve("mistyped.properties"), "in-memory=true\ntoken=some.tokens\nport=0\nmax-sesions=5\n");
    StringWriter err = new StringWriter();
    int status = ServeMain.commandLine().setErr(new PrintWriter(err, true)).execute("--config", file.toString());
    assertThat(status).as(err.toString()).isEqualTo(2);
    assertThat(err.toString()).contains("mistyped.properties", "no option: max-sesions, token.");
  }

  @Test
  void whereTheDatabaseIsIsSaidOnce() {
    for (String[] both : new String[][] {{"--in-memory", "--data", "d"}, {"--datomic", "datomic:mem://x", "--data", "d"},
        {"--datomic", "datomic:mem://x", "--in-memory"}}) {
      StringWriter err = new StringWriter();
      assertThat(ServeMain.commandLine().setErr(new PrintWriter(err, true)).execute(both)).isEqualTo(1);
      assertThat(err.toString()).contains("Give one of");
    }
  }
}
