package dev.rebasis.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HolderTest {
  private static final Instant SINCE = Instant.parse("2026-11-21T10:00:00.123Z");

  @TempDir private Path folder;

  @Test
  void itNamesProcessHostAndTime() {
    assertThat(Holder.text(4711, "pad-3", SINCE)).isEqualTo("process 4711 on host pad-3 since 2026-11-21T10:00:00Z");
    assertThat(Holder.text(4711, null, SINCE)).isEqualTo("process 4711 since 2026-11-21T10:00:00Z");
    assertThat(Holder.thisProcess(SINCE)).startsWith("process " + ProcessHandle.current().pid() + " ");
  }

  @Test
  void theKernelsNameComesBeforeThoseOfTheEnvironment() throws IOException {
    Path kernel = Files.writeString(folder.resolve("hostname"), "pad-3\n");
    assertThat(Holder.hostName(kernel, Map.of("COMPUTERNAME", "OFFICE"))).isEqualTo("pad-3");

    Path none = folder.resolve("none");
    assertThat(Holder.hostName(none, Map.of("COMPUTERNAME", "OFFICE", "HOSTNAME", "x"))).isEqualTo("OFFICE");
    assertThat(Holder.hostName(none, Map.of("HOSTNAME", "laptop"))).isEqualTo("laptop");
    assertThat(Holder.hostName(none, Map.of())).isNull();
    assertThat(Holder.hostName(Files.createFile(folder.resolve("empty")), Map.of("HOSTNAME", "x"))).isEqualTo("x");
  }
}
