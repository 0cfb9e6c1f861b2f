package dev.rebasis.edn;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.Map;

/**
 * A text that is not EDN, or more of it than the reader accepts. {@link #data()} has {@code :line} and {@code :column},
 * both from 1. Immutable.
 */
public final class EdnException extends RebasisException {
  /** The code of text that is not EDN. */
  public static final Keyword MALFORMED = Keyword.of(":rebasis.error/malformed-edn");
  /** The code of text beyond one of the limits of {@link Edn}. */
  public static final Keyword TOO_LARGE = Keyword.of(":rebasis.error/edn-too-large");

  private static final Keyword LINE = Keyword.of(":line");
  private static final Keyword COLUMN = Keyword.of(":column");

  EdnException(Keyword code, String message, int line, int column, Throwable cause) {
    super(
        code,
        ErrorCategory.FIX_REQUEST,
        "EDN, line " + line + ", column " + column + ": " + message,
        Map.of(LINE, line, COLUMN, column),
        cause);
  }

  /** The line, from 1. */
  public int line() {
    return (Integer) data().get(LINE);
  }

  /** The column, from 1; where the library names no place, just behind what it had read. */
  public int column() {
    return (Integer) data().get(COLUMN);
  }

  /** Where a character stands, both from 1. */
  record Place(int line, int column) {}

  static Place placeOf(String text, int index) {
    int line = 1;
    int lineStart = 0;
    int end = Math.min(index, text.length());
    for (int i = 0; i < end; i++) {
      if (text.charAt(i) == '\n') {
        line++;
        lineStart = i + 1;
      }
    }
    return new Place(line, end - lineStart + 1);
  }

  /** An error at a place of a text. */
  static EdnException at(String text, int index, Keyword code, String message, Throwable cause) {
    Place place = placeOf(text, index);
    return new EdnException(code, message, place.line(), place.column(), cause);
  }
}
