package dev.rebasis.simulations.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.simulations.sim.Fault;
import dev.rebasis.simulations.sim.Settings;
import dev.rebasis.simulations.sim.Simulator;
import dev.rebasis.simulations.sim.Story;
import dev.rebasis.simulations.sim.Trace;
import dev.rebasis.simulations.sim.Verdict;
import dev.rebasis.simulations.workload.Workload;
import dev.rebasis.simulations.workload.Workloads;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each thing that the page promises to show is there, drawn of what happened. */
class HtmlReportTest {
  private static final Workload PAIRS = Workloads.scripted("""
      {:name "pairs"
       :schema [{:db/ident :a/key :db/valueType :db.type/long :db/cardinality :db.cardinality/one
                 :db/unique :db.unique/identity}
                {:db/ident :a/n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]
       :operations {:make {:values {?n [1 2]} :forms [{:a/key 1 :a/n ?n}]}}
       :after-healing {"no <ones>" [:find ?a :where [?a :a/n 2]]}}
      """);
  private static final String PLAN = """
      plan seed 1 workload pairs clients 2 millis 9000 healed c1,c2
      1000 c1 silence both ; black-hole
      2000 c2 transact 1 make {?n 1}
      2001 c2 reset ; reset
      3000 c1 transact 2 make {?n 2}
      6000 c1 unsilence ; black-hole
      7000 c2 crash ; crash
      8000 c2 start ; crash
      """;
  private final Simulator simulator =
      new Simulator(new Settings(2, 10, Fault.parse("crash"), List.of(PAIRS)), List.of());
  private final Verdict shown = simulator.watch(simulator.play(Simulator.plan(PLAN)));
  private final RunSummary summary = new RunSummary();
  private final String page = page();

  private String page() {
    assertThat(shown.isGood()).isFalse();
    summary.add(shown);
    summary.end();
    return new HtmlReport(summary, new Failure(shown, "seed 1", "./rebasis simulate --seed 1 --workload 'a b.edn'"), shown, true).html();
  }

  /** The drawing with this name for those who cannot see it. */
  private String drawing(String name) {
    Matcher svg = Pattern.compile("<svg [^>]*aria-label='" + Pattern.quote(name) + "'.*?</svg>", Pattern.DOTALL).matcher(page);
    assertThat(svg.find()).as("a drawing of '%s'", name).isTrue();
    return svg.group();
  }

  private static long count(String text, String regex) {
    return Pattern.compile(regex).matcher(text).results().count();
  }

  @Test
  void thePageNeedsNothingElse() {
    assertThat(page).startsWith("<!doctype html>").contains("<style>").doesNotContain("src=", "<link", "@import", "url(http");
    assertThat(count(page, "<svg")).isEqualTo(count(page, "</svg>"));
    assertThat(page).contains("no &lt;ones&gt;").doesNotContain("no <ones>");
  }

  @Test
  void eachNodeHasABandInTheColoursOfItsStates() {
    String bands = drawing("state of each node over time");
    for (String node : List.of("server", "c1", "c2")) {
      assertThat(bands).contains(">" + node + "</text>");
      assertThat(count(bands, "<title>" + node + " [a-z]+ from ")).isEqualTo(moments(node).count());
    }
    assertThat(bands).contains("class='state cut'><title>c1 cut", "class='state down'><title>c2 down",
        "class='state live'><title>server live");
    assertThat(count(bands, "class='write'")).isGreaterThanOrEqualTo(2);
    assertThat(count(bands, "class='heal'")).isEqualTo(1);
    // A fault is marked where and when it struck, also one after which a band has the same colour.
    for (String fault : List.of("c1: black-hole at 1.00 s", "c2: reset at 2.00 s", "c2: crash at 7.00 s")) {
      assertThat(bands).contains("<title>" + fault + "</title>");
    }
    assertThat(count(bands, "class='struck'")).isEqualTo(3);
  }

  /** Some are healed first, and all of them later. */
  @Test
  void eachHealHasALine() {
    Verdict twice = simulator.play(Simulator.plan(PLAN.replace("healed c1,c2", "healed c2")));
    assertThat(count(new TimelineChart(twice).bands(), "class='heal'")).isEqualTo(2);
  }

  @Test
  void thePageSaysWhatTheSeedEndedWithAndHowToSeeItAgain() {
    assertThat(page).contains("Seed 1 broke a promise.", "<pre>./rebasis simulate --seed 1 --workload 'a b.edn'</pre>",
        "What the smallest plan found ends with");
    assertThat(count(page, "no &lt;ones&gt;")).as("the seed's own finding, and the smallest plan's").isGreaterThanOrEqualTo(2);
  }

  /** What broke is at the end; what was sent before the part that is drawn and arrives in it is no loss. */
  @Test
  void ofALongTraceTheEndIsDrawn() {
    List<Trace.Line> lines = new ArrayList<>();
    lines.add(new Trace.Line(1, "c1", "> push 1"));
    for (int i = 0; i < SpaceTimeChart.LINES_MAX - 1; i++) {
      lines.add(new Trace.Line(2 + i, "c2", "write " + i));
    }
    lines.add(new Trace.Line(900, "server", "< c1 push 1"));
    lines.add(new Trace.Line(901, "c1", "the last line"));
    SpaceTimeChart chart = new SpaceTimeChart(
        new Verdict(shown.plan(), shown.findings(), lines, shown.story(), shown.tally()));
    String diagram = chart.svg();
    assertThat(chart.linesLeftOut()).isEqualTo(2);
    assertThat(diagram).contains("the last line", "push 1").doesNotContain("class='arrow lost'", ">write 0</text>");
    assertThat(count(diagram, "class='did'")).isEqualTo(SpaceTimeChart.LINES_MAX - 2);
    assertThat(count(diagram, "marker-end=")).isEqualTo(1);
    assertThat(count(diagram, "y[12]?='-")).as("nothing is drawn above the drawing").isZero();
  }

  private Stream<Story.Moment> moments(String node) {
    return shown.story().moments().stream().filter(moment -> moment.node().equals(node));
  }

  @Test
  void thereIsALineForEachNodeInEachGraph() {
    assertThat(count(drawing("T"), "<polyline")).isEqualTo(3);
    assertThat(count(drawing("pending transactions"), "<polyline")).isEqualTo(2);
    assertThat(count(drawing("datoms that differ from the server&#39;s"), "<polyline")).isEqualTo(2);
  }

  /** The lines end where they should: nothing pending, nothing that differs; and were above that. */
  @Test
  void whatIsDrawnIsWhatHappened() {
    for (String graph : List.of("pending transactions", "datoms that differ from the server&#39;s")) {
      Matcher line = Pattern.compile("<polyline class='series series0' points='([^']+)'").matcher(drawing(graph));
      assertThat(line.find()).as(graph).isTrue();
      List<Double> heights = Stream.of(line.group(1).strip().split(" ")).map(point -> Double.valueOf(point.split(",")[1])).toList();
      double zero = 18 + 120;
      assertThat(heights.get(heights.size() - 1)).as("%s at the end", graph).isEqualTo(zero);
      assertThat(heights).as("%s in between", graph).anyMatch(y -> y < zero);
    }
    long highest = shown.story().moments().stream().mapToLong(Story.Moment::t).max().orElseThrow();
    assertThat(drawing("T")).contains(">" + highest + "</text>");
  }

  @Test
  void eachMessageIsAnArrowOrALossInTheSpaceTimeDiagram() {
    String diagram = drawing("messages between the nodes");
    long arrived = shown.trace().stream().filter(line -> line.text().startsWith("< ")).count();
    long sent = shown.trace().stream().filter(line -> line.text().startsWith("> ")).count();
    assertThat(shown.trace()).as("all of it is drawn").hasSizeLessThan(SpaceTimeChart.LINES_MAX);
    assertThat(count(diagram, "marker-end='url\\(#head\\)'")).isEqualTo(arrived).isPositive();
    assertThat(count(diagram, "class='arrow lost'")).isEqualTo(sent - arrived).isPositive();
    assertThat(count(diagram, "class='did'")).isEqualTo(
        shown.trace().stream().map(Trace.Line::text).filter(text -> text.startsWith("write ")).count());
    assertThat(page).contains("<marker id='head'", "The trace as text", "The plan, to be kept and played again");
  }

  /** Here the workload fails before anybody is healed. */
  @Test
  void aSimulationThatNeverConvergedIsNoneThatDid() {
    Workload failing = Workloads.scripted("""
        {:name "sums" :schema [{:db/ident :a/n :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]
         :operations {:make {:values {?n [1]} :forms [{:a/n (+ ?n 9223372036854775807)}]}}}
        """);
    Verdict ended = new Simulator(new Settings(1, 1, Fault.parse("none"), List.of(failing)), List.of())
        .play(Simulator.plan("plan seed 1 workload sums clients 1 millis 9 healed c1\n1 c1 transact 1 make {?n 1}\n"));
    RunSummary both = new RunSummary();
    both.add(shown);
    both.add(ended);
    both.end();
    assertThat(both.notConverged()).isEqualTo(1);
    assertThat(new HtmlReport(both, new Failure(ended, "seed 1", "again"), ended, false).html())
        .contains("The healed clients did not converge.", "all but 1 converged within").doesNotContain("had converged");
    StringWriter text = new StringWriter();
    both.print(new PrintWriter(text));
    assertThat(text.toString()).contains("all but 1 within");
  }

  @Test
  void figuresConflictsOperationsAndFaultsAreTold() {
    assertThat(page).contains("<h2>What broke</h2>", "Faults injected", "Operations", "Outcomes", "Conflicts by kind and policy",
        "all converged within", "The healed clients had converged ", "black-hole", "last-writer-wins");
    assertThat(count(page, "<div class='bar'>")).isEqualTo(summary.tally().faults().size()
        + summary.tally().operations().size() + summary.tally().outcomes().size());
  }
}
