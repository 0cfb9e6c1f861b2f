package dev.rebasis.protocol.codec;

/**
 * What stands behind the {@code ~} of a tagged string. Transit's letters where Transit has the type; {@code e} and
 * {@code w} are ours.
 */
final class WireTags {
  static final char MARK = '~';
  /** A string that begins with the mark. */
  static final char ESCAPE = '~';
  /** A wire string that is no valid Unicode, as base64 of its UTF-16 code units, big end first. */
  static final char UTF16 = 'w';
  static final char KEYWORD = ':';
  static final char SYMBOL = '$';
  static final char LONG = 'i';
  static final char BIG_INTEGER = 'n';
  static final char BIG_DECIMAL = 'f';
  static final char DOUBLE = 'd';
  /** A double that is no number. */
  static final char SPECIAL_DOUBLE = 'z';
  static final char FLOAT = 'e';
  static final char INSTANT = 't';
  static final char INSTANT_MILLIS = 'm';
  static final char UUID = 'u';
  static final char URI = 'r';
  static final char BYTES = 'b';
  static final char CHARACTER = 'c';
  /** The first element of an array that is a tagged collection. */
  static final String LIST = "~#list";
  static final String SET = "~#set";
  static final String MAP = "~#cmap";

  static final String NAN = "~zNaN";
  static final String INFINITY = "~zINF";
  static final String MINUS_INFINITY = "~z-INF";

  /** Integers beyond plus or minus this are strings in JSON: other languages read numbers as doubles. */
  static final long JSON_INTEGER_MAX = 1L << 53;

  /** All of the above, in one text: a part of what a protocol version stands for. */
  static final String ALL = "~ w : $ i n f d z e t m u r b c #list #set #cmap NaN INF -INF";

  private WireTags() {}
}
