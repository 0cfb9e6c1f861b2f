package dev.rebasis.client.conform;

import dev.rebasis.data.Keyword;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a bare Java exception of Datomic's tells about the fault, and with which codes the client may name this fault. So a
 * question that the client refuses for a wrong reason is no known difference. Pure.
 */
final class BareFault {
  private static final Map<Pattern, Set<Keyword>> CODES = new LinkedHashMap<>();

  static {
    put("Cannot resolve key: \\$", ":db.error/invalid-data-source");
    put("Data source not supplied", ":db.error/invalid-data-source");
    put("Cannot resolve key", ":db.error/not-an-entity");
    put("cardinality-many attrs not supported", ":rebasis.error/query-function-failed");
    put("Value out of range for long", ":db.error/not-an-entity-identifier", ":rebasis.error/query-function-failed",
        ":rebasis.error/malformed-form", ":rebasis.error/invalid-query-input");
    put("Not a keyword: ", ":rebasis.error/query-function-failed"); // from this side: Datomic's keyword with white space cannot be shown here
    put("Arithmetic|Divide by zero|overflow|ClassCast|cannot be cast|NumberFormat|PatternSyntax|IndexOutOfBounds|out of range",
        ":rebasis.error/query-function-failed", ":rebasis.error/malformed-form", ":rebasis.error/invalid-query-input");
  }

  private BareFault() {}

  private static void put(String text, String... codes) {
    CODES.put(Pattern.compile(text), Stream.of(codes).map(Keyword::of).collect(Collectors.toUnmodifiableSet()));
  }

  /**
   * The codes that name the fault.
   *
   * @param text the exception's class and message
   * @return empty if the text is not known: then this table wants a line
   */
  static Set<Keyword> codes(String text) {
    return CODES.entrySet().stream().filter(entry -> entry.getKey().matcher(text).find()).map(Map.Entry::getValue)
        .findFirst().orElse(Set.of());
  }
}
