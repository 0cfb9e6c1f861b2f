package dev.rebasis.simulations.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Holds what can be read off the files themselves, without compiling them: what a newcomer finds, and that what the pages
 * point to is there. Each failure names the file and says what to do.
 */
class RepositoryTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final List<String> MODULES =
      List.of("sync-protocol", "conflict", "client-node", "server-node", "simulations");
  private static final Pattern LINK = Pattern.compile("\\[[^]]*]\\(([^)#\\s]+)(#[^)]*)?\\)");

  @Test
  void theTopHoldsOnlyWhatANewcomerNeeds() throws IOException {
    Set<String> allowed = new TreeSet<>(MODULES);
    allowed.addAll(Set.of("README.md", "LICENSE", "pom.xml", "rebasis", "docs", "target"));
    try (Stream<Path> top = Files.list(ROOT)) {
      assertThat(top.map(path -> path.getFileName().toString()).filter(name -> !name.startsWith(".")))
          .as("files at the top: put others into a module or into docs/").isSubsetOf(allowed);
    }
  }

  @Test
  void eachPackageSaysWhatLivesThere() {
    List<String> silent = new ArrayList<>();
    for (Path file : sources("main")) {
      if (!Files.exists(file.resolveSibling("package-info.java"))) {
        silent.add(ROOT.relativize(file.getParent()).toString());
      }
    }
    assertThat(silent).as("packages without package-info.java: say what lives there and what may not").isEmpty();
  }

  @Test
  void noTestSleeps() throws IOException {
    List<String> sleepers = new ArrayList<>();
    for (Path file : sources("test")) {
      String name = file.getFileName().toString();
      if (Files.readString(file).contains("Thread.sleep(") && !name.equals("Offender.java")
          && !name.equals("RepositoryTest.java")) {
        sleepers.add(ROOT.relativize(file).toString());
      }
    }
    assertThat(sleepers).as("tests that sleep: wait for a future, a line or an event instead").isEmpty();
  }

  @Test
  void thePagesPointToWhatIsThere() throws IOException {
    List<String> broken = new ArrayList<>();
    for (Path page : pages()) {
      Matcher link = LINK.matcher(Files.readString(page).replaceAll("(?s)```.*?```", ""));
      while (link.find()) {
        String target = link.group(1);
        if (!target.contains(":") && !Files.exists(page.resolveSibling(target))) {
          broken.add(ROOT.relativize(page) + " -> " + target);
        }
      }
    }
    assertThat(broken).as("links to files that do not exist").isEmpty();
  }

  @Test
  void theReadmeLeadsToEveryPage() throws IOException {
    Set<String> unreachable = new TreeSet<>();
    String all = "";
    for (Path page : pages()) {
      all += Files.readString(page);
    }
    for (Path page : pages()) {
      String name = page.getFileName().toString();
      if (page.getParent().equals(ROOT.resolve("docs")) && !all.contains(name)) {
        unreachable.add(name);
      }
    }
    assertThat(unreachable).as("pages in docs/ that no page mentions: add them to README.md").isEmpty();
  }

  @Test
  void theDecisionsAreNumberedOneByOne() throws IOException {
    List<Integer> numbers = new ArrayList<>();
    try (Stream<Path> decisions = Files.list(ROOT.resolve("docs/decisions"))) {
      decisions.map(path -> path.getFileName().toString()).sorted().forEach(name -> {
        assertThat(name).as("the name of a decision").matches("\\d{4}-[a-z0-9-]+\\.md");
        numbers.add(Integer.parseInt(name.substring(0, 4)));
      });
    }
    for (int i = 0; i < numbers.size(); i++) {
      assertThat(numbers.get(i)).as("take the next free number for a decision; " + numbers).isEqualTo(i + 1);
    }
  }

  private static List<Path> sources(String kind) {
    List<Path> files = new ArrayList<>();
    for (String module : MODULES) {
      files.addAll(walk(ROOT.resolve(module).resolve("src").resolve(kind).resolve("java"), ".java"));
    }
    assertThat(files).hasSizeGreaterThan(100);
    return files;
  }

  private static List<Path> pages() {
    List<Path> pages = new ArrayList<>(walk(ROOT.resolve("docs"), ".md"));
    pages.add(ROOT.resolve("README.md"));
    return pages;
  }

  private static List<Path> walk(Path folder, String ending) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(path -> path.toString().endsWith(ending)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + folder, e);
    }
  }
}
