package dev.rebasis.simulations.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The script {@code ./rebasis}: when it builds, what it prints then, and that arguments and exit status pass through it. It
 * runs in a copy of the tree's outline with a Maven that only notes that it was called, so that nothing is built here.
 */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
  private static final List<String> MODULES =
      List.of("sync-protocol", "conflict", "client-node", "server-node", "simulations");

  @TempDir private Path folder;

  private Path root;
  private Path tools;
  private Path calls;
  private Path source;

  @BeforeEach
  void outline() throws IOException {
    root = Files.createDirectory(folder.resolve("a tree"));
    tools = Files.createDirectory(folder.resolve("tools"));
    calls = folder.resolve("calls");
    Files.copy(Path.of("..", "rebasis"), root.resolve("rebasis"));
    Files.writeString(root.resolve("pom.xml"), "<project/>");
    for (String module : MODULES) {
      Files.createDirectories(root.resolve(module).resolve("src/main/java"));
      Files.writeString(root.resolve(module).resolve("pom.xml"), "<project/>");
    }
    source = Files.writeString(root.resolve("conflict/src/main/java/A.java"), "class A {}");
    maven("printf '%s' \"$CLASS_PATH_OF_TEST\" > simulations/target/launcher/classpath.txt");
  }

  /** A Maven that notes its arguments, prints as much as the real one, and then does this. */
  private void maven(String then) throws IOException {
    Path mvn = Files.writeString(tools.resolve("mvn"), "#!/bin/sh\necho \"$@\" >> '" + calls + "'\n"
        + "echo '[INFO] Downloading and compiling'\necho '[WARNING] noise' >&2\n" + then + "\n");
    assertThat(mvn.toFile().setExecutable(true)).isTrue();
  }

  private int builds() throws IOException {
    return Files.exists(calls) ? Files.readAllLines(calls).size() : 0;
  }

  /** A Java that only says what it was asked to run, so that a test of the script starts no JVM. */
  private Path quickJava() throws IOException {
    Path home = Files.createDirectories(folder.resolve("java/bin")).getParent();
    Path java = Files.writeString(home.resolve("bin/java"), "#!/bin/sh\nfor a in \"$@\"; do echo \"<$a>\"; done\nexit 7\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    return home;
  }

  private CommandRun rebasis(String... arguments) throws Exception {
    return rebasis(quickJava(), arguments);
  }

  private CommandRun rebasis(Path javaHome, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("bash", root.resolve("rebasis").toString()));
    command.addAll(List.of(arguments));
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile())
        .redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().put("PATH", tools + ":" + System.getenv("PATH"));
    builder.environment().put("JAVA_HOME", javaHome.toString());
    builder.environment().put("CLASS_PATH_OF_TEST", System.getProperty("java.class.path"));
    Process process = builder.start();
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("it ended").isTrue();
    } finally {
      process.destroyForcibly();
    }
    return new CommandRun(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  /** A file system's clock may stand still from one step of a test to the next: all that is there becomes older. */
  private void letTimePass() throws IOException {
    Instant now = Instant.now();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.toList()) {
        boolean built = file.endsWith("simulations/target/launcher/classpath");
        Files.setLastModifiedTime(file, FileTime.from(now.minusSeconds(built ? 10 : 20)));
      }
    }
  }

  @Test
  void itBuildsOnceAndQuietly() throws Exception {
    CommandRun first = rebasis(Path.of(System.getProperty("java.home")), "--help");
    assertThat(first.status()).as(first.err()).isZero();
    assertThat(first.out()).contains("Usage: rebasis", "serve", "client", "demo").doesNotContain("INFO");
    assertThat(first.err()).contains("Building Rebasis", "Built in").doesNotContain("noise");
    assertThat(builds()).isEqualTo(1);
    assertThat(root.resolve("simulations/target/launcher/build.log")).content().contains("noise");

    CommandRun unknown = rebasis(Path.of(System.getProperty("java.home")), "gardening");
    assertThat(unknown.status()).isEqualTo(2);
    assertThat(unknown.err()).contains("gardening").doesNotContain("Building");
    assertThat(builds()).as("nothing has changed").isEqualTo(1);
  }

  @Test
  void argumentsAndExitStatusPassThrough() throws Exception {
    CommandRun run = rebasis("client", "q", "[:find ?e :where [?e :a/b \"x y\"]]", "");
    assertThat(run.status()).isEqualTo(7);
    assertThat(run.out().lines()).endsWith(
        "<dev.rebasis.simulations.cli.Rebasis>", "<client>", "<q>", "<[:find ?e :where [?e :a/b \"x y\"]]>", "<>");
  }

  @Test
  void itBuildsAgainWhenASourceWasChangedOrDeletedOrAPomWas() throws Exception {
    rebasis("--version");
    letTimePass();
    Files.setLastModifiedTime(source, FileTime.from(Instant.now()));
    rebasis("--version");
    assertThat(builds()).as("changed").isEqualTo(2);

    letTimePass();
    Files.delete(source);
    rebasis("--version");
    assertThat(builds()).as("deleted").isEqualTo(3);

    letTimePass();
    Files.setLastModifiedTime(root.resolve("server-node/pom.xml"), FileTime.from(Instant.now()));
    assertThat(rebasis("--version").status()).isEqualTo(7);
    assertThat(builds()).as("the pom of a module").isEqualTo(4);
  }

  @Test
  void aBuildThatFailsIsToldAndTriedAgain() throws Exception {
    maven("echo '[ERROR] A.java:[1,1] class expected'\nexit 1");
    CommandRun failed = rebasis("--help");
    assertThat(failed.status()).isEqualTo(1);
    assertThat(failed.out()).isEmpty();
    assertThat(failed.err()).contains("class expected", "rebasis: The build failed", "build.log").doesNotContain("INFO");
    rebasis("--help");
    assertThat(builds()).isEqualTo(2);
  }
}
