package dev.rebasis.simulations.report;

import java.util.Map;
import java.util.TreeSet;

/** Counts of things that met, as a table: the darker a cell, the more; empty where they never did. Confined. */
final class CrossTable {
  private static final int SHADES = 5;

  private final Map<String, Map<String, Long>> counts;
  private final TreeSet<String> columns = new TreeSet<>();
  private long max = 1;

  /**
   * Makes a table.
   *
   * @param counts by row, then by column
   */
  CrossTable(Map<String, Map<String, Long>> counts) {
    this.counts = counts;
    for (Map<String, Long> row : counts.values()) {
      columns.addAll(row.keySet());
      for (long count : row.values()) {
        max = Math.max(max, count);
      }
    }
  }

  /**
   * The table.
   *
   * @param rowWord what the rows are
   * @param columnWord what the columns are
   */
  String html(String rowWord, String columnWord) {
    if (counts.isEmpty()) {
      return "<p>none</p>";
    }
    StringBuilder html = new StringBuilder("<div class='wide'><table class='cross'><tr><th>").append(Html.escape(rowWord))
        .append(" \\ ").append(Html.escape(columnWord)).append("</th>");
    columns.forEach(column -> html.append("<th class='tall'><span>").append(Html.escape(column)).append("</span></th>"));
    html.append("</tr>");
    counts.forEach((row, cells) -> {
      html.append("<tr><th>").append(Html.escape(row)).append("</th>");
      for (String column : columns) {
        Long count = cells.get(column);
        html.append(count == null ? "<td></td>" : "<td class='shade" + shade(count) + "' title='"
            + Html.escape(row + " × " + column).replace("'", "&#39;") + "'>" + count + "</td>");
      }
      html.append("</tr>");
    });
    return html.append("</table></div>").toString();
  }

  /** By the logarithm, since a few meet a hundred times as often as the others. */
  private int shade(long count) {
    return (int) Math.min(SHADES - 1, Math.floor(SHADES * Math.log1p(count) / Math.log1p(max)));
  }
}
