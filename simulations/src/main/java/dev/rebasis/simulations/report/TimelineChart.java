package dev.rebasis.simulations.report;

import dev.rebasis.simulations.sim.Story;
import dev.rebasis.simulations.sim.Trace;
import dev.rebasis.simulations.sim.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * One simulation over virtual time: a band for each node in the colour of its state, its T, how far each client is
 * from the server, and how much it has pending. Confined.
 */
final class TimelineChart {
  private static final double LEFT = 90;
  private static final double WIDTH = 1000;
  private static final double BAND = 26;
  private static final double GAP = 10;
  private static final double GRAPH = 120;
  private static final int TICKS = 8;

  private final Verdict verdict;
  private final double endMillis;
  private final Map<String, List<Story.Moment>> byNode = new LinkedHashMap<>();

  TimelineChart(Verdict verdict) {
    this.verdict = verdict;
    this.endMillis = Math.max(1, verdict.story().endMillis());
    byNode.put("server", new ArrayList<>());
    verdict.plan().clientNames().forEach(name -> byNode.put(name, new ArrayList<>()));
    verdict.story().moments().forEach(moment -> byNode.get(moment.node()).add(moment));
  }

  private double x(double millis) {
    return LEFT + (WIDTH - LEFT - 10) * millis / endMillis;
  }

  /** The bands, with a mark for each write and for each fault that struck. */
  String bands() {
    StringBuilder svg = new StringBuilder();
    double y = GAP;
    for (Map.Entry<String, List<Story.Moment>> node : byNode.entrySet()) {
      svg.append(Html.text(LEFT - 12, y + BAND / 2 + 4, "label right", node.getKey()));
      List<Story.Moment> moments = node.getValue();
      for (int i = 0; i < moments.size(); i++) {
        Story.Moment moment = moments.get(i);
        double until = i + 1 < moments.size() ? moments.get(i + 1).millis() : endMillis;
        svg.append(Html.box(x(moment.millis()), y, x(until) - x(moment.millis()), BAND, "state " + moment.state(),
            moment.node() + " " + moment.state() + " from " + Html.time(moment.millis()) + ", T " + moment.t() + ", "
                + moment.pending() + " pending"));
      }
      y += BAND + GAP;
    }
    for (Trace.Line line : verdict.trace()) {
      if (line.text().startsWith("write ") && byNode.containsKey(line.node())) {
        int row = new ArrayList<>(byNode.keySet()).indexOf(line.node());
        double top = GAP + row * (BAND + GAP);
        svg.append(Html.line(x(line.millis()), top + BAND - 7, x(line.millis()), top + BAND, "write"));
      }
    }
    List<String> nodes = new ArrayList<>(byNode.keySet());
    for (Story.Struck fault : verdict.story().struck()) {
      double top = GAP + nodes.indexOf(fault.node()) * (BAND + GAP);
      svg.append(Html.box(x(fault.millis()) - 1, top - 4, 2, 10, "struck",
          fault.node() + ": " + fault.fault() + " at " + Html.time(fault.millis())));
    }
    return Html.svg(WIDTH, y + 24, "state of each node over time", svg + axis(GAP / 2, y));
  }

  /** The confirmed T of each client, and the server's forced T. */
  String basisT() {
    Map<String, TreeMap<Long, Long>> series = new LinkedHashMap<>();
    byNode.forEach((node, moments) -> {
      TreeMap<Long, Long> values = new TreeMap<>();
      moments.stream().filter(moment -> moment.t() > 0).forEach(moment -> values.put(moment.millis(), moment.t()));
      series.put(node, values);
    });
    long min = series.values().stream().flatMap(values -> values.values().stream()).mapToLong(Long::longValue).min().orElse(0);
    return graph("T", series, min);
  }

  /** In how many current datoms each client differs from the server, until that is none. */
  String divergence() {
    return graph("datoms that differ from the server's", clients(Story.Moment::differing), 0);
  }

  /** How much each client has pending. */
  String pending() {
    return graph("pending transactions", clients(moment -> (long) moment.pending()), 0);
  }

  /** A value of each client at its own moments; none while it is down. */
  private Map<String, TreeMap<Long, Long>> clients(Function<Story.Moment, Long> value) {
    Map<String, TreeMap<Long, Long>> series = new LinkedHashMap<>();
    for (String client : verdict.plan().clientNames()) {
      TreeMap<Long, Long> values = new TreeMap<>();
      for (Story.Moment moment : byNode.get(client)) {
        if (!moment.state().equals("down") && value.apply(moment) >= 0) {
          values.put(moment.millis(), value.apply(moment));
        }
      }
      series.put(client, values);
    }
    return series;
  }

  private String graph(String title, Map<String, TreeMap<Long, Long>> series, long min) {
    long max = min + 1;
    for (TreeMap<Long, Long> values : series.values()) {
      for (long value : values.values()) {
        max = Math.max(max, value);
      }
    }
    StringBuilder svg = new StringBuilder(Html.text(LEFT, 12, "label", title));
    svg.append(Html.text(LEFT - 12, 26, "small right", Long.toString(max)))
        .append(Html.text(LEFT - 12, 18 + GRAPH, "small right", Long.toString(min)))
        .append(Html.line(LEFT, 18 + GRAPH, WIDTH - 10, 18 + GRAPH, "axis"));
    int place = 0;
    for (Map.Entry<String, TreeMap<Long, Long>> node : series.entrySet()) {
      // A client has the same colour in all graphs.
      String colour = node.getKey().equals("server") ? "series-server"
          : "series" + verdict.plan().clientNames().indexOf(node.getKey()) % 8;
      svg.append(steps(node.getValue(), min, max, colour));
      svg.append(Html.text(LEFT + 250 + 60 * place, 12, "label " + colour, node.getKey()));
      place++;
    }
    return Html.svg(WIDTH, GRAPH + 46, title, svg + axis(18, 18 + GRAPH));
  }

  private String steps(TreeMap<Long, Long> values, long min, long max, String colour) {
    StringBuilder points = new StringBuilder();
    double last = -1;
    for (Map.Entry<Long, Long> value : values.entrySet()) {
      double y = 18 + GRAPH - (GRAPH - 6) * (value.getValue() - min) / (max - min);
      if (last >= 0) {
        points.append(Html.format("%.1f,%.1f ", x(value.getKey()), last));
      }
      points.append(Html.format("%.1f,%.1f ", x(value.getKey()), y));
      last = y;
    }
    if (last >= 0) {
      points.append(Html.format("%.1f,%.1f", x(endMillis), last));
    }
    return "<polyline class='series " + colour + "' points='" + points + "'/>";
  }

  private String axis(double top, double bottom) {
    StringBuilder svg = new StringBuilder();
    for (int i = 0; i <= TICKS; i++) {
      double millis = endMillis * i / TICKS;
      svg.append(Html.line(x(millis), top, x(millis), bottom, "grid"));
      svg.append(Html.text(x(millis), bottom + 16, i == 0 ? "small" : i == TICKS ? "small right" : "small middle",
          Html.time(millis)));
    }
    verdict.story().heals().forEach(healed -> svg.append(Html.line(x(healed), top, x(healed), bottom, "heal")));
    return svg.toString();
  }
}
