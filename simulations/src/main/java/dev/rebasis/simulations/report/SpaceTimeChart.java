package dev.rebasis.simulations.report;

import dev.rebasis.simulations.sim.Trace;
import dev.rebasis.simulations.sim.Verdict;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A trace as a space-time diagram: a line for each node, time downwards, messages as arrows from where they were sent to
 * where they arrived; those that never arrived end in the open. Time is drawn by event, not by the clock. Confined.
 */
final class SpaceTimeChart {
  private static final double ROW = 17;
  private static final double TOP = 44;
  private static final double LEFT = 110;
  /** A diagram of more lines is too long to look at. */
  static final int LINES_MAX = 400;
  private static final int TEXT_MAX = 68;

  private record Sent(int row, String text) {}

  private final List<String> nodes = new ArrayList<>();
  private final List<Trace.Line> lines;
  /** What broke is at the end of a trace: what is left out is its beginning. Arrows that come from there begin at the top. */
  private final int linesLeftOut;
  private final double column;
  private final StringBuilder svg = new StringBuilder();
  /** Drawn over all lines, so that none strikes it through. */
  private final StringBuilder texts = new StringBuilder();
  private final Map<String, Deque<Sent>> underWay = new HashMap<>();

  SpaceTimeChart(Verdict verdict) {
    nodes.add("server");
    nodes.addAll(verdict.plan().clientNames());
    lines = verdict.trace();
    linesLeftOut = Math.max(0, lines.size() - LINES_MAX);
    column = Math.max(190, 760.0 / nodes.size());
  }

  /** How many lines of the trace are not drawn. */
  int linesLeftOut() {
    return linesLeftOut;
  }

  String svg() {
    double height = TOP + (lines.size() - linesLeftOut) * ROW + 20;
    double width = LEFT + nodes.size() * column + 260;
    for (String node : nodes) {
      svg.append(Html.line(x(node), TOP - 12, x(node), height - 8, "life"));
      texts.append(Html.text(x(node), 20, "label middle", node));
    }
    for (int row = 0; row < lines.size(); row++) {
      draw(row, lines.get(row));
    }
    underWay.forEach((way, left) -> left.forEach(sent -> lost(way, sent)));
    return Html.svg(width, height, "messages between the nodes", svg.append(texts).toString());
  }

  private double x(String node) {
    return LEFT + Math.max(0, nodes.indexOf(node)) * column + 30;
  }

  private double y(int row) {
    return TOP + (row - linesLeftOut) * ROW;
  }

  private boolean isDrawn(int row) {
    return row >= linesLeftOut;
  }

  private void draw(int row, Trace.Line line) {
    if (isDrawn(row) && (row == linesLeftOut || lines.get(row - 1).millis() != line.millis())) {
      texts.append(Html.text(LEFT - 30, y(row) + 4, "small right", Html.format("%.3f", line.millis() / 1000.0)));
    }
    String text = line.text();
    boolean server = line.node().equals("server");
    if (text.startsWith("> ") || text.startsWith("< ")) {
      String rest = text.substring(2);
      String client = server ? rest.substring(0, rest.indexOf(' ')) : line.node();
      String message = server ? rest.substring(rest.indexOf(' ') + 1) : rest;
      boolean sends = text.startsWith("> ");
      String way = (server == sends ? "server " + client : client + " server");
      if (sends) {
        if (!server && message.startsWith("hello")) {
          newConnection(client);
        }
        underWay.computeIfAbsent(way, made -> new ArrayDeque<>()).add(new Sent(row, message));
        if (isDrawn(row)) {
          svg.append(Html.format("<circle cx='%.1f' cy='%.1f' r='2.2' class='send'/>", x(line.node()), y(row)));
        }
      } else {
        arrive(way, row, message);
      }
      return;
    }
    if (!isDrawn(row)) {
      return;
    }
    String style = text.startsWith("write ") ? "did" : text.startsWith("starts ") || text.contains("heal") ? "back" : "fault";
    svg.append(Html.format("<circle cx='%.1f' cy='%.1f' r='4' class='%s'/>", x(line.node()), y(row), style));
    texts.append(Html.text(x(line.node()) + 8, y(row) + 4, style.equals("fault") ? "event bad" : "event", cut(text)));
  }

  /** What was under way on the connection before never arrives. */
  private void newConnection(String client) {
    for (String way : List.of("server " + client, client + " server")) {
      Deque<Sent> left = underWay.remove(way);
      if (left != null) {
        left.forEach(sent -> lost(way, sent));
      }
    }
  }

  private void arrive(String way, int row, String message) {
    Deque<Sent> waiting = underWay.getOrDefault(way, new ArrayDeque<>());
    Sent sent = waiting.stream().filter(each -> same(each.text, message)).findFirst().orElse(null);
    if (sent == null) {
      return; // The second copy of a message that arrived twice.
    }
    waiting.remove(sent);
    if (!isDrawn(row)) {
      return;
    }
    String from = way.split(" ")[0];
    String to = way.split(" ")[1];
    svg.append(Html.format("<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' class='arrow %s' marker-end='url(#head)'>"
            + "<title>%s</title></line>", x(from), Math.max(TOP - ROW / 2, y(sent.row)), x(to), y(row), kind(message), Html.escape(message)));
    texts.append(Html.text(x(to) + (x(from) > x(to) ? 8 : -8), y(row) - 3, x(from) > x(to) ? "small" : "small right",
        cut(message)));
  }

  /** A push is sent before its writer has its labels, and arrives after. */
  private static boolean same(String sent, String arrived) {
    return sent.equals(arrived) || sent.contains("?") && sent.split(" ")[0].equals(arrived.split(" ")[0]);
  }

  private void lost(String way, Sent sent) {
    if (!isDrawn(sent.row)) {
      return;
    }
    String from = way.split(" ")[0];
    String to = way.split(" ")[1];
    double x = x(from) + (x(to) - x(from)) * 0.4;
    svg.append(Html.format("<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' class='arrow lost'><title>%s</title></line>",
        x(from), y(sent.row), x, y(sent.row) + ROW * 0.8, Html.escape("lost: " + sent.text)));
    texts.append(Html.text(x, y(sent.row) + ROW * 0.8 + 4, "small bad middle", "✕"));
  }

  private static String kind(String message) {
    return message.split(" ")[0].replaceAll("[^a-z]", "");
  }

  private static String cut(String text) {
    return text.length() <= TEXT_MAX ? text : text.substring(0, TEXT_MAX) + "…";
  }
}
