package dev.rebasis.simulations.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive of classes that the build makes fits the JVMs that tests start: else they would start slowly, and nobody would see why. */
class ClassArchiveTest {
  private static final List<String> QUICK_START = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:on");

  @TempDir private Path folder;

  @Test
  void theArchiveOfTheBuildFitsWhatTestsStart() throws IOException {
    assumeThat(Path.of(System.getProperty(ClassArchive.PROPERTY), "classes.jsa")).as("some Java cannot make one").exists();
    ClassArchive archive = ClassArchive.ofThisProcess(System.getProperty("java.class.path"));
    Path loaded = folder.resolve("loaded");
    List<String> options = new ArrayList<>(archive.options());
    options.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xlog:class+load:file=" + loaded));
    try (JavaProcess process = JavaProcess.start("clojure", folder.resolve("errors"), archive.classPath(), options, "clojure.main",
        List.of("-e", "(require 'clojure.core.async)"))) {
      assertThat(process.awaitExit(60)).isZero();
    }
    // The library comes as source: what is in the archive was compiled before.
    assertThat(Files.readAllLines(loaded).stream().filter(line -> line.contains(" clojure.core.async__init ")))
        .singleElement(STRING).endsWith("shared objects file (top)");
  }
}
