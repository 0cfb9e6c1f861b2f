package dev.rebasis.protocol.codec;

import dev.rebasis.data.Bytes;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import dev.rebasis.protocol.Limits;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;

/** Decodes strings with the tags of {@link WireTags}. Confined to one message, whose new keywords it counts. */
final class TaggedStrings {
  private static final int DOUBLE_CHARS_MAX = 64;

  private final Limits limits;
  private int newKeywords;

  TaggedStrings(Limits limits) {
    this.limits = limits;
  }

  /** The value that a string of the wire stands for. */
  Object decode(String wire) {
    if (wire.isEmpty() || wire.charAt(0) != WireTags.MARK) {
      return wire;
    }
    try {
      return decodeTagged(wire);
    } catch (IllegalArgumentException | DateTimeException | ArithmeticException e) {
      // From the constructors of numbers, instants, URIs and so on. What they say may quote all of a long string.
      throw new WireFault("not a value: " + shortened(wire));
    }
  }

  private Object decodeTagged(String wire) {
    if (wire.length() < 2) {
      throw new WireFault("a string is only a ~; a ~ at the beginning is written ~~");
    }
    char tag = wire.charAt(1);
    switch (tag) {
      case WireTags.KEYWORD:
        return keyword(wire);
      case WireTags.ESCAPE:
        return wire.substring(1);
      case WireTags.UTF16:
        return decodeUtf16(wire);
      case WireTags.SYMBOL:
        return Symbol.of(named(wire).substring(2));
      case WireTags.BYTES:
        return Bytes.of(Base64.getDecoder().decode(wire.substring(2)));
      case WireTags.CHARACTER:
        return character(wire);
      case WireTags.URI:
        return URI.create(wire.substring(2));
      default:
        return decodeShort(tag, wire);
    }
  }

  private Object decodeShort(char tag, String wire) {
    if (wire.length() - 2 > limits.digitsMax()) {
      throw WireFault.tooLarge("a number has more than " + limits.digitsMax() + " characters");
    }
    String rest = wire.substring(2);
    return switch (tag) {
      case WireTags.UUID -> uuid(rest);
      case WireTags.INSTANT_MILLIS -> Instant.ofEpochMilli(Long.parseLong(rest));
      case WireTags.INSTANT -> Instant.ofEpochMilli(Instant.parse(rest).toEpochMilli());
      case WireTags.LONG -> Long.valueOf(rest);
      case WireTags.BIG_INTEGER -> new BigInteger(rest);
      case WireTags.BIG_DECIMAL -> decimal(rest);
      case WireTags.DOUBLE -> Double.valueOf(floating(rest));
      case WireTags.FLOAT -> isSpecialFloat(rest) ? Float.valueOf(rest) : Float.valueOf(floating(rest));
      case WireTags.SPECIAL_DOUBLE -> special(rest);
      default -> throw new WireFault("the tag ~" + tag + " is not known");
    };
  }

  private Keyword keyword(String wire) {
    String text = named(wire).substring(1);
    if (text.length() < 2) {
      throw new WireFault("a keyword has no name");
    }
    Keyword known = Keyword.known(text);
    if (known != null) {
      return known;
    }
    if (++newKeywords > limits.newKeywordsMax()) {
      throw WireFault.tooLarge("a message brings more than " + limits.newKeywordsMax() + " new keywords");
    }
    return Keyword.of(text);
  }

  private String named(String wire) {
    if (wire.length() - 2 > limits.nameCharsMax()) {
      throw WireFault.tooLarge("a name has more than " + limits.nameCharsMax() + " characters");
    }
    return wire;
  }

  // A wire string inside a wire string, so that any tag can be before what is no valid Unicode; but only once.
  private Object decodeUtf16(String wire) {
    byte[] units = Base64.getDecoder().decode(wire.substring(2));
    if (units.length % 2 != 0) {
      throw new WireFault("half a UTF-16 code unit behind ~w");
    }
    char[] chars = new char[units.length / 2];
    for (int i = 0; i < chars.length; i++) {
      chars[i] = (char) ((units[2 * i] & 0xff) << 8 | units[2 * i + 1] & 0xff);
    }
    String inner = new String(chars);
    if (inner.startsWith("~w")) {
      throw new WireFault("~w inside ~w");
    }
    return decode(inner);
  }

  private static Character character(String wire) {
    if (wire.length() != 3) {
      throw new WireFault("a character is not one UTF-16 code unit");
    }
    return wire.charAt(2);
  }

  // UUID.fromString also takes shorter groups.
  private static UUID uuid(String text) {
    boolean dashed = text.length() == 36
        && text.charAt(8) == '-' && text.charAt(13) == '-' && text.charAt(18) == '-' && text.charAt(23) == '-';
    if (!dashed) {
      throw new WireFault("not a UUID: " + shortened(text));
    }
    return UUID.fromString(text);
  }

  private BigDecimal decimal(String text) {
    BigDecimal decimal = new BigDecimal(text);
    if (decimal.scale() > limits.scaleMax() || decimal.scale() < -limits.scaleMax()) {
      throw WireFault.tooLarge("a decimal's scale is beyond " + limits.scaleMax());
    }
    return decimal;
  }

  private static boolean isSpecialFloat(String text) {
    return text.equals("NaN") || text.equals("Infinity") || text.equals("-Infinity");
  }

  // The parsers of Java also take white space, hexadecimal digits and a type's letter.
  private static String floating(String text) {
    boolean plain = text.length() <= DOUBLE_CHARS_MAX && !text.isEmpty()
        && text.chars().allMatch(c -> (c >= '0' && c <= '9') || ".eE+-".indexOf(c) >= 0);
    if (!plain) {
      throw new WireFault("not a number: " + shortened(text));
    }
    return text;
  }

  private static Double special(String text) {
    return switch (text) {
      case "NaN" -> Double.NaN;
      case "INF" -> Double.POSITIVE_INFINITY;
      case "-INF" -> Double.NEGATIVE_INFINITY;
      default -> throw new WireFault("not a number's name: " + shortened(text));
    };
  }

  private static String shortened(String s) {
    return s.length() <= 40 ? s : s.substring(0, 40) + "...";
  }
}
