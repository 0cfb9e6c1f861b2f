package dev.rebasis.edn;

/** Which texts EDN can spell as a keyword or symbol without a tag. Pure functions. */
final class EdnNames {
  private static final String SIGNS_FIRST = "*!_?$%&=<>.+-";
  private static final String SIGNS_LATER = SIGNS_FIRST + ":#";

  private EdnNames() {}

  /** Whether {@code :bare} reads as the keyword with this text. */
  static boolean isKeyword(String bare) {
    return isPlain(bare);
  }

  /** Whether the text reads as the symbol with this text. */
  static boolean isSymbol(String text) {
    return text.equals("/")
        || (isPlain(text) && !text.equals("nil") && !text.equals("true") && !text.equals("false"));
  }

  private static boolean isPlain(String text) {
    if (text.length() > Edn.NAME_CHARS_MAX) {
      return false;
    }
    int slash = text.indexOf('/');
    return slash < 0 ? isPart(text) : isPart(text.substring(0, slash)) && isPart(text.substring(slash + 1));
  }

  private static boolean isPart(String part) {
    if (part.isEmpty() || !(isLetter(part.charAt(0)) || SIGNS_FIRST.indexOf(part.charAt(0)) >= 0)) {
      return false;
    }
    boolean numberLike = part.length() > 1 && "+-.".indexOf(part.charAt(0)) >= 0 && isDigit(part.charAt(1));
    return !numberLike
        && part.chars().skip(1).allMatch(c -> isLetter(c) || isDigit(c) || SIGNS_LATER.indexOf(c) >= 0);
  }

  // Only ASCII: what other letters are, readers do not agree on.
  private static boolean isLetter(int c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }
}
