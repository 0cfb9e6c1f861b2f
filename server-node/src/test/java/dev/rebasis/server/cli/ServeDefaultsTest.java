package dev.rebasis.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
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
}
