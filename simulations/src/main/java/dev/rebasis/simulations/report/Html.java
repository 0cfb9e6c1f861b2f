package dev.rebasis.simulations.report;

import java.util.Locale;

/** The few words of HTML and SVG that the report needs. */
final class Html {
  private Html() {}

  static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
  }

  static String svg(double width, double height, String title, String content) {
    return format("<svg viewBox='0 0 %.0f %.0f' role='img' aria-label='%s' xmlns='http://www.w3.org/2000/svg'>",
        width, height, escape(title).replace("'", "&#39;")) + content + "</svg>";
  }

  static String text(double x, double y, String style, String text) {
    return format("<text x='%.1f' y='%.1f' class='%s'>%s</text>", x, y, style, escape(text));
  }

  static String line(double x1, double y1, double x2, double y2, String style) {
    return format("<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' class='%s'/>", x1, y1, x2, y2, style);
  }

  /** A box with a note that shows when the pointer rests on it. */
  static String box(double x, double y, double width, double height, String style, String note) {
    return format("<rect x='%.1f' y='%.1f' width='%.1f' height='%.1f' class='%s'><title>%s</title></rect>",
        x, y, Math.max(width, 0.6), height, style, escape(note));
  }

  /** Virtual time for people: {@code 0.35 s}, {@code 12 s}, {@code 4 min}, {@code 3.2 h}. */
  static String time(double millis) {
    if (millis < 10_000) {
      return format("%.2f s", millis / 1000);
    } else if (millis < 600_000) {
      return format("%.0f s", millis / 1000);
    } else if (millis < 7_200_000) {
      return format("%.0f min", millis / 60_000);
    }
    return format("%.1f h", millis / 3_600_000);
  }

  static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
