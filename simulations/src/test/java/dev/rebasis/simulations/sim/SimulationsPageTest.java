package dev.rebasis.simulations.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The tables of docs/simulations.md have what there is, and nothing else. */
class SimulationsPageTest {
  private static final Path PAGE = Path.of("../docs/simulations.md");
  private static final Path CORPUS = Path.of("src/test/resources/corpus");
  private static final int SEEDS_MAX = 40;
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");

  /** The cells of each row of the first table under a heading, without its head. */
  private static List<List<String>> table(String heading) throws IOException {
    String page = Files.readString(PAGE);
    assertThat(page).contains("\n" + heading + "\n");
    List<List<String>> rows = new ArrayList<>();
    boolean begun = false;
    for (String line : page.substring(page.indexOf("\n" + heading + "\n") + heading.length() + 2).lines().toList()) {
      if (line.startsWith("|")) {
        begun = true;
        rows.add(Arrays.stream(line.substring(1, line.length() - 1).split("(?<!\\\\)\\|", -1)).map(String::strip).toList());
      } else if (begun) {
        break;
      }
    }
    assertThat(rows).hasSizeGreaterThan(2);
    return rows.subList(2, rows.size());
  }

  private static Set<String> codes(List<List<String>> rows, int column) {
    return rows.stream().flatMap(row -> CODE.matcher(row.get(column)).results()).map(found -> found.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void eachPlantedFaultHasItsRowAndWasFoundInTime() throws IOException {
    List<List<String>> rows = table("## Planted faults");
    assertThat(PlantedFault.values().length).isGreaterThanOrEqualTo(20);
    assertThat(rows.stream().map(row -> row.subList(0, 3)).toList()).containsExactlyInAnyOrderElementsOf(
        Stream.of(PlantedFault.values()).map(fault -> List.of(fault.name().toLowerCase(Locale.ROOT).replace('_', ' '),
            fault.what(), fault.promise().word())).toList());
    rows.forEach(row -> assertThat(Integer.parseInt(row.get(3))).as(row.get(0)).isBetween(1, SEEDS_MAX));
  }

  @Test
  void theAtlasHasEachFault() throws IOException {
    assertThat(codes(table("## The fault atlas"), 0))
        .isEqualTo(Stream.of(Fault.values()).map(Fault::word).collect(Collectors.toCollection(TreeSet::new)));
  }

  /** What was found and mended stays as a plan that is played. */
  @Test
  void eachThingFoundHasAPlanInTheCorpus() throws IOException {
    List<List<String>> rows = table("## What the seeds have found");
    Set<String> plans = corpus();
    for (List<String> row : rows) {
      Matcher plan = CODE.matcher(row.get(3));
      assertThat(plan.find()).as("a plan for: %s", row.get(1)).isTrue();
      assertThat(plans).contains(plan.group(1));
    }
  }

  @Test
  void theCorpusIsPlayedFirst() throws IOException {
    assertThat(Files.readString(Path.of("../pom.xml"))).contains("<runOrder>alphabetical</runOrder>");
    Path root = Path.of("src/test/java");
    try (Stream<Path> tests = Files.walk(root)) {
      assertThat(tests.filter(file -> file.toString().endsWith("Test.java")).map(root::relativize).map(Path::toString).min(
          Comparator.naturalOrder())).contains(Path.of("dev/rebasis/simulations/again/CorpusTest.java").toString());
    }
  }

  private static Set<String> corpus() {
    try (Stream<Path> files = Files.list(CORPUS)) {
      return files.map(file -> file.getFileName().toString().replace(".txt", "")).collect(Collectors.toCollection(TreeSet::new));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
