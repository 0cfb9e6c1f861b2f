package dev.rebasis.edn;

import java.util.List;

/**
 * Reads and writes EDN text. Pure functions; thread-safe.
 *
 * <p>Types are those of {@link dev.rebasis.data.ValueType}; beside them {@code null}, {@code Character},
 * {@code List} for {@code [..]}, {@link EdnList} for {@code (..)}, {@code Map} in the order of the text, {@code Set}.
 * Collections are unmodifiable. Whatever is written reads back as an equal value of the same type. What EDN itself cannot
 * say is tagged: {@code #rebasis/bytes "cafe"}, {@code #rebasis/uri "http://.."}, {@code #rebasis/float "1.5"},
 * {@code #rebasis/inst 253402300800000} (milliseconds, for years with more than four digits),
 * {@code #rebasis/keyword "2020"} and {@code #rebasis/symbol "it's"} (for names that are no EDN names).
 * {@code #db/id[:db.part/user -1]} is a {@link dev.rebasis.data.TempId}. Unknown tags are errors.
 *
 * <p>Limits, so that no text makes the reader run out of stack, memory or time: {@link #CHARS_MAX},
 * {@link #DEPTH_MAX}, {@link #DIGITS_MAX}, {@link #SCALE_MAX}, {@link #NAME_CHARS_MAX}, {@link #DISCARDS_MAX}.
 */
public final class Edn {
  /** Most characters of a text, 64 Mi. */
  public static final int CHARS_MAX = 64 << 20;
  /** Most collections and tags inside each other. */
  public static final int DEPTH_MAX = 256;
  /** Most characters of a number; reading takes time by the square of it. */
  public static final int DIGITS_MAX = 10_000;
  /** Largest scale of a decimal, and smallest when negated: arithmetic on {@code 1E+999999999M} would fill the memory. */
  public static final int SCALE_MAX = 10_000;
  /** Most characters of a keyword or symbol. */
  public static final int NAME_CHARS_MAX = 1_024;
  /** Most {@code #_} in a text; the library needs stack for each. */
  public static final int DISCARDS_MAX = 256;

  private Edn() {}

  /**
   * Reads the one value of a text.
   *
   * @return the value, null for {@code nil}
   * @throws EdnException if the text is not EDN, holds no value or more than one, or is beyond a limit
   */
  public static Object read(String text) {
    return new EdnReader(text).readOne();
  }

  /**
   * Reads all values of a text.
   *
   * @return an unmodifiable list, empty if there is nothing but white space and comments
   * @throws EdnException if the text is not EDN or beyond a limit
   */
  public static List<Object> readAll(String text) {
    return new EdnReader(text).readAll();
  }

  /**
   * Writes a value on one line. Maps are written in their own order, sets ordered by the text of their elements, so
   * that equal sets give equal texts.
   *
   * @param value of the types above; {@code Integer}, {@code Short} and {@code Byte} are written as longs,
   *     {@code Date} as an instant, {@code byte[]} as bytes, {@code EntityId} as a long and {@code LookupRef} as a vector
   * @throws IllegalArgumentException if it is, or holds, anything else, is nested deeper than {@link #DEPTH_MAX}, a
   *     number beyond {@link #DIGITS_MAX} or {@link #SCALE_MAX}, or an instant outside the range of a {@code long} of
   *     milliseconds
   */
  public static String write(Object value) {
    StringBuilder out = new StringBuilder();
    new EdnWriter(out).write(value, 0);
    return out.toString();
  }
}
