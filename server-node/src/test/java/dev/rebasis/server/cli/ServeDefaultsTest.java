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

  /** What stands on standard error when the command has run in this environment; it has to have failed with status 1. */
  private static String refused(Map<String, String> environment, String... arguments) {
    StringWriter err = new StringWriter();
    assertThat(command(environment, err).execute(arguments)).as(err.toString()).isEqualTo(1);
    return err.toString();
  }

  private static CommandLine command(Map<String, String> environment, StringWriter err) {
    return ServeMain.commandLine().setDefaultValueProvider(new ServeDefaults(environment)).setErr(new PrintWriter(err, true));
  }

  @Test
  void aFileThatCannotBeUsedIsToldInOneLine_unlessAnotherIsNamed() throws Exception {
    Path bad = Files.writeString(folder.resolve("mistyped.properties"), "in-memory=true\ntoken=some.tokens\nport=0\nmax-sesions=5\n");
    Path broken = Files.writeString(folder.resolve("broken.properties"), "port=\\u00");
    String told = "rebasis: The file of settings " + bad + " holds what is no option: max-sesions, token. 'serve --help' lists them.\n";
    assertThat(refused(Map.of(), "--config", bad.toString())).isEqualTo(told);
    assertThat(refused(Map.of("REBASIS_CONFIG", bad.toString()))).isEqualTo(told);
    assertThat(refused(Map.of(), "--config", broken.toString())).hasLineCount(1).contains("broken.properties");

    Path good = Files.writeString(folder.resolve("good.properties"), "in-memory=true\nport=70000\n");
    Map<String, String> worse = Map.of("REBASIS_CONFIG", Files.writeString(folder.resolve("worse.properties"), "port=many\n").toString());
    for (Map<String, String> environment : List.of(Map.of("REBASIS_CONFIG", bad.toString()), worse)) {
      assertThat(refused(environment, "--config", good.toString())).hasLineCount(1).contains("not 70000.");
    }
    StringWriter err = new StringWriter();
    StringWriter out = new StringWriter();
    assertThat(command(Map.of("REBASIS_CONFIG", bad.toString()), err).setOut(new PrintWriter(out)).execute("--help")).isZero();
    assertThat(err.toString()).isEmpty();
    assertThat(out.toString()).contains("--max-sessions");
  }

  @Test
  void whereTheDatabaseIsIsSaidOnceInEachPlace() throws Exception {
    for (String[] both : new String[][] {{"--in-memory", "--data", "d"}, {"--datomic", "datomic:mem://x", "--data", "d"},
        {"--datomic", "datomic:mem://x", "--in-memory"}}) {
      assertThat(refused(Map.of(), both)).contains("Give one of");
    }
    assertThat(refused(Map.of("REBASIS_DATA", "d", "REBASIS_IN_MEMORY", "true"))).contains("Give one of --in-memory and --data");
    Path file = Files.writeString(folder.resolve("two.properties"), "data=d\ndatomic=datomic:mem://x\n");
    assertThat(refused(Map.of(), "--config", file.toString())).contains("Give one of --datomic and --data");
    assertThat(refused(Map.of("REBASIS_DATA", "d", "REBASIS_DATABASES", "several.edn"))).contains("With --databases", "--data");
    assertThat(refused(Map.of("REBASIS_ALLOW_POLICY", ":rebasis.policy/max"), "--databases", "several.edn"))
        .as("it would be lost, and any policy allowed").contains("With --databases", "--allow-policy");
  }

  @Test
  void whereTheDatabaseIsOnTheCommandLineGoesBeforeTheEnvironmentAndThatBeforeTheFile() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String port = Integer.toString(taken.getLocalPort());
      Path file = Files.writeString(folder.resolve("elsewhere.properties"), "datomic=datomic:nowhere://x\nport=" + port + "\nno-warm-up=true\n");
      String config = file.toString();
      Path data = folder.resolve("of-the-command-line");
      assertThat(refused(Map.of("REBASIS_IN_MEMORY", "true", "REBASIS_DATABASES", "none.edn"), "--config", config, "--data", data.toString()))
          .contains("Cannot listen");
      assertThat(data.resolve("log.mv.db")).isRegularFile();
      Path second = folder.resolve("of-the-environment");
      assertThat(refused(Map.of("REBASIS_DATA", second.toString()), "--config", config, "--in-memory=false")).contains("Cannot listen");
      assertThat(second.resolve("log.mv.db")).isRegularFile();
      assertThat(refused(Map.of(), "--config", config)).doesNotContain("Cannot listen");
      assertThat(refused(Map.of("REBASIS_DATA", "d"), "--config", config, "--databases", "none.edn")).contains("none.edn");
    }
  }
}
