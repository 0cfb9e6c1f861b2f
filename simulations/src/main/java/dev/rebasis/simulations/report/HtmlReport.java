package dev.rebasis.simulations.report;

import dev.rebasis.simulations.sim.Coverage;
import dev.rebasis.simulations.sim.Simulator;
import dev.rebasis.simulations.sim.Tally;
import dev.rebasis.simulations.sim.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** One page that needs nothing else: figures of the run, one simulation over time, and what failed. Confined. */
final class HtmlReport {
  private final RunSummary summary;
  private final Failure failed;
  private final Verdict shown;
  private final boolean shrunk;

  /**
   * Makes a report.
   *
   * @param failed the simulation that broke a promise, null if none did
   * @param shown the one whose course is drawn: the shrunk one, or the liveliest
   */
  HtmlReport(RunSummary summary, Failure failed, Verdict shown, boolean shrunk) {
    this.summary = summary;
    this.failed = failed;
    this.shown = shown;
    this.shrunk = shrunk;
  }

  private String held() {
    if (summary.incomplete().isEmpty()) {
      return "<p class='good'>Every promise held.</p>";
    }
    StringBuilder text = new StringBuilder("<p class='broken'>No promise was broken, but the run did not do all that was asked for.</p>");
    summary.incomplete().forEach(why -> text.append("<p>").append(Html.escape(why)).append("</p>"));
    return text.toString();
  }

  String html() {
    StringBuilder page = new StringBuilder("<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        + "<meta name='viewport' content='width=device-width,initial-scale=1'><title>Rebasis simulation</title><style>")
        .append(resource("report.css")).append("</style></head><body><header><h1>Rebasis simulation</h1>")
        .append(failed == null ? held()
            : "<p class='broken'>" + Html.escape(failed.name().substring(0, 1).toUpperCase(Locale.ROOT) + failed.name().substring(1))
                + (failed.verdict().isOfTheWorkload() ? ": the workload failed.</p>" : " broke a promise.</p>"))
        .append("</header>");
    page.append(tiles());
    if (failed != null) {
      page.append(failure());
    }
    page.append(course());
    page.append("<section><h2>What was done, and what came of it</h2><div class='columns'>")
        .append(bars("Faults injected", summary.tally().faults(), "warm"))
        .append(bars("Operations", summary.tally().operations(), "cool"))
        .append(bars("Outcomes", summary.tally().outcomes(), "cool"))
        .append("</div></section>");
    CrossTable conflicts = new CrossTable(summary.tally().conflictsByPolicy());
    page.append("<section><h2>Conflicts by kind and policy</h2>").append(conflicts.html("kind", "policy")).append("</section>");
    page.append(coverage());
    if (failed != null) {
      SpaceTimeChart chart = new SpaceTimeChart(shown);
      page.append("<section><h2>Messages of the ").append(shrunk ? "smallest " : "").append("failure</h2>"
          + "<p>Time runs downwards, event by event. Blue dots are writes, red ones faults, green ones what comes back; ✕ marks what"
          + " never arrived.</p><div class='wide'>").append(MARKER).append(chart.svg())
          .append("</div>").append(chart.linesLeftOut() == 0 ? "" : "<p>The last " + SpaceTimeChart.LINES_MAX
              + " lines of the trace are drawn; the " + chart.linesLeftOut() + " before them are in the text below.</p>")
          .append("<details><summary>The trace as text</summary><pre>").append(Html.escape(shown.traceText()))
          .append("</pre></details><details><summary>The plan, to be kept and played again</summary><pre>")
          .append(Html.escape(Simulator.text(shown.plan()))).append("</pre></details></section>");
    }
    return page.append("</body></html>\n").toString();
  }

  private static final String MARKER = "<svg width='0' height='0' class='hidden'><defs><marker id='head' markerWidth='8'"
      + " markerHeight='8' refX='7' refY='3' orient='auto'><path d='M0,0 L7,3 L0,6 z' class='tip'/></marker></defs></svg>";

  private String tiles() {
    Tally tally = summary.tally();
    Coverage coverage = new Coverage(tally);
    return "<section class='tiles'>"
        + tile(Html.format("%,d", summary.seeds()) + (summary.aimed() == 0 ? "" : Html.format(" + %,d", summary.aimed())),
            summary.aimed() == 0 ? "seeds" : "seeds + simulations that aim")
        + tile(Html.format("%,.0f", summary.clientHours()), "simulated client-hours")
        + tile(Html.format("%,.1f", summary.clientHours() / Math.max(0.001, summary.seconds())), "client-hours a second")
        + tile(Html.format("%,d", tally.writes()), "writes")
        + tile(Html.format("%,d", tally.messages()), "messages")
        + tile(Html.format("%,d", summary.faults()), "faults")
        + tile(Html.format("%,d", tally.checks()), "checks")
        + tile(Html.time(summary.convergenceMillis(0.5)), "half converged within")
        + tile(Html.time(summary.convergenceMillis(1)),
            "all " + (summary.notConverged() == 0 ? "" : "but " + summary.notConverged() + " ") + "converged within")
        + tile(Arrays.stream(Coverage.Kind.values()).mapToInt(coverage::pairs).sum() + " / " + coverage.triples(),
            "pairs / triples met")
        + "</section>";
  }

  private static String tile(String figure, String caption) {
    return "<div class='tile'><b>" + figure + "</b><span>" + caption + "</span></div>";
  }

  private String failure() {
    StringBuilder html = new StringBuilder("<section class='failure'><h2>What broke</h2>").append(findings(failed.verdict()))
        .append("<p>To see it again:</p><pre>").append(Html.escape(failed.command())).append("</pre>");
    if (shrunk) {
      html.append("<h3>What the smallest plan found ends with</h3>").append(findings(shown));
    }
    return html.append("</section>").toString();
  }

  private static String findings(Verdict verdict) {
    StringBuilder html = new StringBuilder("<ul>");
    verdict.findings().forEach(finding -> html.append("<li><b>").append(finding.promise().word()).append("</b> ")
        .append(Html.escape(finding.what()).replace("\n", "<br>")).append("<br><small>")
        .append(Html.escape(finding.promise().sentence())).append("</small></li>"));
    return html.append("</ul>").toString();
  }

  /** Which faults, operations and policies met, and what was to meet and did not. */
  private String coverage() {
    Coverage coverage = new Coverage(summary.tally());
    StringBuilder html = new StringBuilder("<section><h2>What met what</h2><p>Transactions that met a fault between their making"
        + " and their decision, and those whose conflicts a policy settled (<i>none</i>: there was no conflict). ")
        .append(Html.format("%,d", coverage.triples())).append(" triples of fault, operation and policy met.</p>");
    if (!summary.neverMet().isEmpty()) {
      html.append("<details><summary>Never met: ").append(Html.format("%,d", summary.neverMet().size()))
          .append(" pairs</summary><p class='never'>").append(Html.escape(summary.neverMet().stream().map(Object::toString)
          .collect(Collectors.joining(", ")))).append("</p></details>");
    }
    for (Coverage.Kind kind : Coverage.Kind.values()) {
      String[] words = kind.words().split(" and ");
      html.append("<details").append(kind == Coverage.Kind.OPERATION_POLICY ? " open" : "").append("><summary>")
          .append(Html.format("%,d pairs of %s", coverage.pairs(kind), kind.words())).append("</summary>")
          .append(new CrossTable(coverage.met(kind)).html(words[0], words[1])).append("</details>");
    }
    return html.append("</section>").toString();
  }

  private String course() {
    if (shown == null) {
      return "";
    }
    TimelineChart chart = new TimelineChart(shown);
    return "<section><h2>" + (shrunk ? "The smallest simulation" : "One of the simulations: seed " + shown.plan().seed())
        + ", workload " + Html.escape(shown.plan().workload()) + "</h2><p class='legend'>"
        + "<i class='live'></i>live <i class='syncing'></i>catching up <i class='offline'></i>offline"
        + " <i class='cut'></i>cut off or silent <i class='down'></i>down"
        + " <span>white ticks are writes, red ones faults; a dashed line is where a heal begins</span></p><p>" + convergence() + "</p>"
        + chart.bands() + chart.basisT() + chart.divergence() + chart.pending() + "</section>";
  }

  private String convergence() {
    long millis = shown.story().convergenceMillis();
    return millis < 0 ? "The healed clients did not converge."
        : "The healed clients had converged " + Html.time(millis) + (shown.story().heals().size() == 1 ? " after the heal."
            : " after a heal at most: some are healed first, and all of them afterwards.");
  }

  private static String bars(String title, Map<String, Long> counts, String style) {
    StringBuilder html = new StringBuilder("<div class='bars'><h3>").append(title).append("</h3>");
    long max = counts.values().stream().mapToLong(Long::longValue).max().orElse(1);
    if (counts.isEmpty()) {
      html.append("<p>none</p>");
    }
    counts.forEach((word, count) -> html.append("<div class='bar'><span>").append(Html.escape(word)).append("</span><i class='")
        .append(style).append("' style='width:").append(Html.format("%.1f", 38.0 * count / max)).append("%'></i><em>")
        .append(Html.format("%,d", count)).append("</em></div>"));
    return html.append("</div>").toString();
  }

  private static String resource(String name) {
    try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
