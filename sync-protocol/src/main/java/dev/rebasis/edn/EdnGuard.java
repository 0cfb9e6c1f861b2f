package dev.rebasis.edn;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Looks over a text before the library parses it. The library recurses for each collection, tag and discarded form,
 * converts numbers of any length, and does not say where an error is; so this pass checks depth, lengths and brackets,
 * with the place of each fault, in one loop without recursion. It also spells {@code ##NaN}, {@code ##Inf} and
 * {@code ##-Inf}, which the library does not know, as tagged values of the same length (places stay what they were);
 * their tags are such as no text may use. Confined to one {@link EdnReader}.
 */
final class EdnGuard {
  static final String NAN_TAG = "*";
  static final String INFINITY_TAG = "+";
  static final String MINUS_INFINITY_TAG = "-";

  private record Open(char bracket, int index, int tagsBefore) {}

  private final String text;
  private StringBuilder rewritten; // null while nothing is
  private final Deque<Open> open = new ArrayDeque<>();
  private int i;
  private int depth;
  private int tags; // those that wait for their value
  private int discards;

  EdnGuard(String text) {
    this.text = text;
  }

  /** Checks everything and returns the text for the library. */
  String check() {
    if (text.length() > Edn.CHARS_MAX) {
      throw new EdnException(EdnException.TOO_LARGE,
          "The text has " + text.length() + " characters; at most " + Edn.CHARS_MAX + " are read.", 1, 1, null);
    }
    while (i < text.length()) {
      step(text.charAt(i));
    }
    if (!open.isEmpty()) {
      Open last = open.peek();
      throw error(last.index, "This '" + last.bracket + "' is never closed.");
    }
    return rewritten == null ? text : rewritten.toString();
  }

  private void step(char c) {
    if (isSpace(c)) {
      i++;
    } else if (c == ';') {
      skipComment();
    } else if (c == '"') {
      skipString();
    } else if (c == '(' || c == '[' || c == '{') {
      open(c);
    } else if (c == ')' || c == ']' || c == '}') {
      close(c);
    } else if (c == '#') {
      dispatch();
    } else if (c == '\\') {
      i += 2;
      skipToken();
      valueEnds();
    } else {
      checkToken();
    }
  }

  private void skipComment() {
    int end = text.indexOf('\n', i);
    i = end < 0 ? text.length() : end;
  }

  private void skipString() {
    int start = i++;
    while (i < text.length() && text.charAt(i) != '"') {
      i += text.charAt(i) == '\\' ? 2 : 1;
    }
    if (i >= text.length()) {
      throw error(start, "This string is never closed.");
    }
    i++;
    valueEnds();
  }

  private void open(char bracket) {
    open.push(new Open(bracket, i++, tags));
    tags = 0;
    deeper();
  }

  private void close(char bracket) {
    if (open.isEmpty()) {
      throw error(i, "This '" + bracket + "' closes nothing.");
    }
    Open last = open.pop();
    char wanted = last.bracket == '(' ? ')' : last.bracket == '[' ? ']' : '}';
    if (bracket != wanted) {
      throw error(i, "'" + bracket + "' stands where a '" + wanted + "' should close the '" + last.bracket + "' at "
          + place(last.index) + ".");
    }
    if (tags > 0) {
      throw error(i, "A tag before this '" + bracket + "' has no value.");
    }
    i++;
    depth--;
    tags = last.tagsBefore;
    valueEnds();
  }

  private void dispatch() {
    char next = i + 1 < text.length() ? text.charAt(i + 1) : ' ';
    if (next == '{') {
      i++;
      open('{');
    } else if (next == '_') {
      i += 2;
      if (++discards > Edn.DISCARDS_MAX) {
        throw tooLarge(i, "There are more than " + Edn.DISCARDS_MAX + " '#_'; write comments with ';'.");
      }
    } else if (next == '#') {
      rewriteSymbolic();
    } else {
      tag();
    }
  }

  private void tag() {
    int start = i++;
    skipToken();
    boolean namespaceMap = i > start + 1 && text.charAt(start + 1) == ':';
    if (!namespaceMap && !(i > start + 1 && Character.isLetter(text.charAt(start + 1)))) {
      throw error(start, "A tag begins with a letter.");
    }
    checkName(start);
    tags++;
    deeper();
  }

  private void rewriteSymbolic() {
    int start = i;
    skipToken();
    String token = text.substring(start, i);
    String tag = switch (token) {
      case "##NaN" -> NAN_TAG;
      case "##Inf" -> INFINITY_TAG;
      case "##-Inf" -> MINUS_INFINITY_TAG;
      default -> throw error(start, "There is ##NaN, ##Inf and ##-Inf, but not " + shortened(token) + ".");
    };
    if (rewritten == null) {
      rewritten = new StringBuilder(text);
    }
    rewritten.replace(start, i, String.format("%-" + token.length() + "s", "#" + tag + " 0"));
    valueEnds();
  }

  private void deeper() {
    if (++depth > Edn.DEPTH_MAX) {
      throw tooLarge(i, "Collections and tags are nested deeper than " + Edn.DEPTH_MAX + ".");
    }
  }

  private void valueEnds() {
    depth -= tags;
    tags = 0;
  }

  private void checkToken() {
    int start = i;
    skipToken();
    int end = i;
    char first = text.charAt(start);
    boolean signed = first == '+' || first == '-';
    int digit = signed ? start + 1 : start;
    if (digit < end && isDigit(text.charAt(digit))) {
      checkNumber(start, digit, end);
    } else {
      checkName(start);
      checkSlashes(start, text.substring(start, end));
    }
    valueEnds();
  }

  private void checkNumber(int start, int digit, int end) {
    if (end - start > Edn.DIGITS_MAX) {
      throw tooLarge(start, "A number has more than " + Edn.DIGITS_MAX + " characters.");
    }
    if (text.charAt(digit) == '0' && digit + 1 < end && isDigit(text.charAt(digit + 1))) {
      throw error(start, "The number " + shortened(text.substring(start, end)) + " begins with 0: leave it out, there are no octals.");
    }
  }

  private void skipToken() {
    while (i < text.length() && !isDelimiter(text.charAt(i))) {
      i++;
    }
  }

  private void checkName(int start) {
    if (i - start > Edn.NAME_CHARS_MAX) {
      throw tooLarge(start, "A name has more than " + Edn.NAME_CHARS_MAX + " characters.");
    }
  }

  // The library only asserts this.
  private void checkSlashes(int start, String token) {
    int slash = token.indexOf('/');
    boolean fine = token.charAt(0) == ':' || slash < 0 || token.equals("/")
        || slash > 0 && (token.indexOf('/', slash + 1) < 0 || token.endsWith("//") && slash == token.length() - 2);
    if (!fine) {
      throw error(start, "The symbol " + shortened(token) + " has a slash too many.");
    }
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isSpace(char c) {
    return c == ',' || Character.isWhitespace(c);
  }

  private static boolean isDelimiter(char c) {
    return isSpace(c) || "()[]{}\";\\".indexOf(c) >= 0;
  }

  private static String shortened(String token) {
    return token.length() <= 40 ? token : token.substring(0, 40) + "...";
  }

  private String place(int index) {
    EdnException.Place place = EdnException.placeOf(text, index);
    return "line " + place.line() + ", column " + place.column();
  }

  private EdnException error(int index, String message) {
    return EdnException.at(text, index, EdnException.MALFORMED, message, null);
  }

  private EdnException tooLarge(int index, String message) {
    return EdnException.at(text, index, EdnException.TOO_LARGE, message, null);
  }
}
