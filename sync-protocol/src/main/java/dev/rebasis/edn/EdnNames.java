package dev.rebasis.edn;

/** Which texts EDN can spell as a keyword or symbol without a tag. Pure functions, without garbage: logs write many. */
final class EdnNames {
  private static final int FIRST = 1;
  private static final int LATER = 2;
  private static final byte[] ROLES = new byte[128];

  static {
    // Only ASCII: what other letters are, readers do not agree on.
    allow("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ*!_?$%&=<>.+-", FIRST | LATER);
    allow("0123456789:#", LATER);
  }

  private EdnNames() {}

  private static void allow(String chars, int roles) {
    for (int i = 0; i < chars.length(); i++) {
      ROLES[chars.charAt(i)] = (byte) roles;
    }
  }

  /** Whether the text, a colon and a name, reads as the keyword with this text. */
  static boolean isKeyword(String text) {
    return isPlain(text, 1);
  }

  /** Whether the text reads as the symbol with this text. */
  static boolean isSymbol(String text) {
    return text.equals("/")
        || (isPlain(text, 0) && !text.equals("nil") && !text.equals("true") && !text.equals("false"));
  }

  private static boolean isPlain(String text, int from) {
    if (text.length() - from > Edn.NAME_CHARS_MAX) {
      return false;
    }
    int slash = text.indexOf('/', from);
    return slash < 0 ? isPart(text, from, text.length())
        : isPart(text, from, slash) && isPart(text, slash + 1, text.length());
  }

  private static boolean isPart(String text, int from, int to) {
    if (from == to || !hasRole(text.charAt(from), FIRST)) {
      return false;
    }
    boolean numberLike = to - from > 1 && "+-.".indexOf(text.charAt(from)) >= 0 && isDigit(text.charAt(from + 1));
    if (numberLike) {
      return false;
    }
    for (int i = from + 1; i < to; i++) {
      if (!hasRole(text.charAt(i), LATER)) {
        return false;
      }
    }
    return true;
  }

  private static boolean hasRole(char c, int role) {
    return c < ROLES.length && (ROLES[c] & role) != 0;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
