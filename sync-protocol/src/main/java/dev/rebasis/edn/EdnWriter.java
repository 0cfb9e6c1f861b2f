package dev.rebasis.edn;

import dev.rebasis.data.Bytes;
import dev.rebasis.data.EntityId;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.data.Symbol;
import dev.rebasis.data.TempId;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** Appends EDN to a text. Confined to one call of {@link Edn#write(Object)}. */
final class EdnWriter {
  private static final DateTimeFormatter INSTANT =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'-00:00'").withZone(ZoneOffset.UTC);
  private static final long YEAR_ZERO = Instant.parse("0000-01-01T00:00:00Z").toEpochMilli();
  private static final long YEAR_TEN_THOUSAND = Instant.parse("+10000-01-01T00:00:00Z").toEpochMilli();

  private final StringBuilder out;

  EdnWriter(StringBuilder out) {
    this.out = out;
  }

  void write(Object value, int depth) {
    if (depth > Edn.DEPTH_MAX) {
      throw new IllegalArgumentException("The value is nested deeper than " + Edn.DEPTH_MAX + " collections.");
    }
    if (value instanceof Collection<?> || value instanceof Map<?, ?> || value instanceof LookupRef) {
      writeCollection(value, depth);
    } else if (value instanceof Number number) {
      writeNumber(number);
    } else {
      writeScalar(value);
    }
  }

  private void writeCollection(Object value, int depth) {
    if (value instanceof EdnList list) {
      writeAll("(", list, ")", depth);
    } else if (value instanceof List<?> vector) {
      writeAll("[", vector, "]", depth);
    } else if (value instanceof Set<?> set) {
      writeSet(set, depth);
    } else if (value instanceof Map<?, ?> map) {
      writeMap(map, depth);
    } else if (value instanceof LookupRef ref) {
      writeAll("[", List.of(ref.attribute(), ref.value()), "]", depth);
    } else {
      throw notEdn(value);
    }
  }

  private void writeAll(String open, Iterable<?> elements, String close, int depth) {
    out.append(open);
    String gap = "";
    for (Object element : elements) {
      out.append(gap);
      write(element, depth + 1);
      gap = " ";
    }
    out.append(close);
  }

  private void writeSet(Set<?> set, int depth) {
    List<String> texts = new ArrayList<>(set.size());
    for (Object element : set) {
      StringBuilder text = new StringBuilder();
      new EdnWriter(text).write(element, depth + 1);
      texts.add(text.toString());
    }
    Collections.sort(texts);
    out.append("#{").append(String.join(" ", texts)).append('}');
  }

  private void writeMap(Map<?, ?> map, int depth) {
    out.append('{');
    String gap = "";
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      out.append(gap);
      write(entry.getKey(), depth + 1);
      out.append(' ');
      write(entry.getValue(), depth + 1);
      gap = ", ";
    }
    out.append('}');
  }

  private void writeNumber(Number number) {
    if (number instanceof Long || number instanceof Integer || number instanceof Short || number instanceof Byte) {
      out.append(number.longValue());
    } else if (number instanceof Double d) {
      out.append(d.isNaN() ? "##NaN" : !d.isInfinite() ? d.toString() : d > 0 ? "##Inf" : "##-Inf");
    } else if (number instanceof BigInteger) {
      writeBig(number, 'N');
    } else if (number instanceof BigDecimal decimal) {
      if (decimal.scale() > Edn.SCALE_MAX || decimal.scale() < -Edn.SCALE_MAX) {
        throw new IllegalArgumentException("A decimal's scale is " + decimal.scale() + ", beyond " + Edn.SCALE_MAX + ".");
      }
      writeBig(decimal, 'M');
    } else if (number instanceof Float) {
      out.append("#rebasis/float \"").append(number).append('"');
    } else {
      throw notEdn(number);
    }
  }

  private void writeBig(Number number, char suffix) {
    String digits = number.toString();
    if (digits.length() >= Edn.DIGITS_MAX) {
      throw new IllegalArgumentException("A number has more than " + Edn.DIGITS_MAX + " characters.");
    }
    out.append(digits).append(suffix);
  }

  private void writeScalar(Object value) {
    if (value == null) {
      out.append("nil");
    } else if (value instanceof String s) {
      writeString(s);
    } else if (value instanceof Keyword keyword) {
      writeKeyword(keyword);
    } else if (value instanceof Symbol symbol) {
      writeSymbol(symbol);
    } else if (value instanceof Boolean || value instanceof EntityId || value instanceof Bytes
        || value instanceof TempId) {
      out.append(value);
    } else if (value instanceof Instant instant) {
      writeInstant(millis(instant));
    } else if (value instanceof Date date) {
      writeInstant(date.getTime());
    } else if (value instanceof UUID) {
      out.append("#uuid \"").append(value).append('"');
    } else if (value instanceof URI) {
      out.append("#rebasis/uri ");
      writeString(value.toString());
    } else if (value instanceof Character c) {
      writeCharacter(c);
    } else if (value instanceof byte[] bytes) {
      out.append(Bytes.of(bytes));
    } else {
      throw notEdn(value);
    }
  }

  private static long millis(Instant instant) {
    try {
      return instant.toEpochMilli();
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("The instant " + instant + " is no long of milliseconds.", e);
    }
  }

  private void writeInstant(long millis) {
    if (millis >= YEAR_ZERO && millis < YEAR_TEN_THOUSAND) {
      out.append("#inst \"");
      INSTANT.formatTo(Instant.ofEpochMilli(millis), out);
      out.append('"');
    } else {
      out.append("#rebasis/inst ").append(millis);
    }
  }

  private void writeKeyword(Keyword keyword) {
    String text = keyword.toString();
    if (EdnNames.isKeyword(text)) {
      out.append(text);
    } else {
      out.append("#rebasis/keyword ");
      writeString(text.substring(1));
    }
  }

  private void writeSymbol(Symbol symbol) {
    if (EdnNames.isSymbol(symbol.text())) {
      out.append(symbol.text());
    } else {
      out.append("#rebasis/symbol ");
      writeString(symbol.text());
    }
  }

  private void writeString(String s) {
    out.append('"');
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\t' -> out.append("\\t");
        case '\r' -> out.append("\\r");
        default -> writeCharacterOf(s, i);
      }
    }
    out.append('"');
  }

  // Control characters and halves of surrogate pairs are spelled out: an editor or an UTF-8 file would lose them.
  private void writeCharacterOf(String s, int i) {
    char c = s.charAt(i);
    boolean lone = (Character.isHighSurrogate(c) && !(i + 1 < s.length() && Character.isLowSurrogate(s.charAt(i + 1))))
        || (Character.isLowSurrogate(c) && !(i > 0 && Character.isHighSurrogate(s.charAt(i - 1))));
    if (lone || Character.isISOControl(c)) {
      out.append(String.format("\\u%04x", (int) c));
    } else {
      out.append(c);
    }
  }

  private void writeCharacter(char c) {
    switch (c) {
      case '\n' -> out.append("\\newline");
      case '\r' -> out.append("\\return");
      case ' ' -> out.append("\\space");
      case '\t' -> out.append("\\tab");
      default -> {
        if (c > ' ' && c < 127) {
          out.append('\\').append(c);
        } else {
          out.append(String.format("\\u%04x", (int) c));
        }
      }
    }
  }

  private static IllegalArgumentException notEdn(Object value) {
    return new IllegalArgumentException("A " + value.getClass().getName() + " has no EDN form here: " + value);
  }
}
