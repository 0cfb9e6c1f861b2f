package dev.rebasis.edn;

import static dev.rebasis.data.AnyValue.list;
import static dev.rebasis.data.AnyValue.same;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.rebasis.data.AnyValue;
import dev.rebasis.data.Bytes;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.data.Symbol;
import dev.rebasis.data.TempId;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Goal: EDN text and our data are the same thing, and no text does harm. Method: examples, round trips, hostile text. */
class EdnTest {

  @Test
  void read_givesTheTypesOfTheData() {
    assertThat(Edn.read("[nil true 5 5N 1.5 1.5M \"a\\n\\u00e9\" \\a :order/number ?e]")).isEqualTo(list(
        null, true, 5L, BigInteger.valueOf(5), 1.5, new BigDecimal("1.5"), "a\n\u00e9", 'a',
        Keyword.of(":order/number"), Symbol.of("?e")));
    assertThat(Edn.read("#inst \"2020-01-31T13:00:00.5+01:00\"")).isEqualTo(Instant.parse("2020-01-31T12:00:00.500Z"));
    assertThat(Edn.read("#inst \"2020\"")).isEqualTo(Instant.parse("2020-01-01T00:00:00Z"));
    // Proleptic Gregorian, as Datomic and Clojure read it, where java.util.Calendar would be five days off.
    assertThat(Edn.read("#inst \"1000-01-01\"")).isEqualTo(Instant.parse("1000-01-01T00:00:00Z"));
    assertThat(Edn.read("#uuid \"00000000-0000-0000-0000-000000000001\"")).isEqualTo(new UUID(0, 1));
    assertThat(Edn.read("#rebasis/bytes \"cafe\"")).isEqualTo(Bytes.of((byte) 0xca, (byte) 0xfe));
    assertThat(Edn.read("#rebasis/uri \"http://x\"")).isEqualTo(URI.create("http://x"));
    assertThat(Edn.read("#rebasis/float \"1.5\"")).isEqualTo(1.5f);
    assertThat(Edn.read("[##NaN ##Inf ##-Inf 1]"))
        .isEqualTo(list(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1L));
    assertThat(Edn.read("9223372036854775808")).isEqualTo(new BigInteger("9223372036854775808"));
  }

  @Test
  void read_takesTheTempidsOfEarlyYears() {
    TempId numbered = TempId.of(Keyword.of(":db.part/user"), -1);
    assertThat(Edn.read("#db/id[:db.part/user -1]")).isEqualTo(numbered);
    assertThat(Edn.write(numbered)).isEqualTo("#db/id[:db.part/user -1]");
    assertThat(Edn.read("#db/id [db.part/user -1]")).isEqualTo(numbered);
    List<?> two = (List<?>) Edn.read("[#db/id[:db.part/user] #db/id[:db.part/user]]");
    assertThat(two.get(0)).isNotEqualTo(two.get(1)).hasToString("#db/id[:db.part/user]");
    for (String wrong : List.of("#db/id 5", "#db/id[]", "#db/id[:db.part/user 1]", "#db/id[:db.part/user -1 2]", "#db/id[1]")) {
      assertThatThrownBy(() -> Edn.read(wrong)).as(wrong).isInstanceOf(EdnException.class).hasMessageContaining("tempid");
    }
  }

  @Test
  void read_tellsVectorsListsSetsAndMapsApart() {
    Object read = Edn.read("[(> ?a 5) #{1 2} {:b 1, :a [2]} ; a comment\n #_ ignored #:order{:n 1}]");
    assertThat(read).isEqualTo(List.of(
        List.of(Symbol.of(">"), Symbol.of("?a"), 5L),
        Set.of(1L, 2L),
        Map.of(Keyword.of(":a"), List.of(2L), Keyword.of(":b"), 1L),
        Map.of(Keyword.of(":order/n"), 1L)));
    List<?> elements = (List<?>) read;
    assertThat(elements.get(0)).isInstanceOf(EdnList.class);
    assertThat(((Map<?, ?>) elements.get(2)).keySet().iterator().next()).isEqualTo(Keyword.of(":b"));
    assertThat(((Map<?, ?>) elements.get(2)).get(Keyword.of(":a"))).isNotInstanceOf(EdnList.class);
  }

  @Test
  void readAll_readsNothingOneOrMany() {
    assertThat(Edn.readAll(" ; nothing\n")).isEmpty();
    assertThat(Edn.readAll("1 nil [2]")).isEqualTo(list(1L, null, List.of(2L)));
  }

  @Test
  void write_isReadableAndStable() {
    assertThat(Edn.write(Map.of(Keyword.of(":a"), list(1, null, "x\"y", 1.0, Set.of(3L, 1L, 2L)))))
        .isEqualTo("{:a [1 nil \"x\\\"y\" 1.0 #{1 2 3}]}");
    assertThat(Edn.write(list(EdnList.of(Symbol.of(">"), 'a', ' '), LookupRef.of(":k", "A"), Instant.EPOCH)))
        .isEqualTo("[(> \\a \\space) [:k \"A\"] #inst \"1970-01-01T00:00:00.000-00:00\"]");
    assertThatThrownBy(() -> Edn.write(new Object())).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Edn.write(Instant.MAX)).isInstanceOf(IllegalArgumentException.class);
  }

  @Property(edgeCases = EdgeCasesMode.NONE)
  void whatIsWrittenReadsBack(@ForAll("forms") Object value) {
    String text = Edn.write(value);
    assertThat(same(Edn.read(text), value)).as(text).isTrue();
    assertThat(Edn.write(Edn.read(text))).isEqualTo(text);
  }

  @Property(edgeCases = EdgeCasesMode.NONE)
  void whatIsWrittenReadsBackInSequence(@ForAll("forms") Object x, @ForAll("forms") Object y) {
    assertThat(same(Edn.readAll(Edn.write(x) + " " + Edn.write(y)), list(x, y))).isTrue();
  }

  @Provide
  Arbitrary<Object> forms() {
    return AnyValue.form();
  }

  @Property(tries = 3000, edgeCases = EdgeCasesMode.NONE)
  void anyTextIsReadOrRefusedWithAPlace(@ForAll("texts") String text) {
    try {
      Edn.readAll(text);
    } catch (EdnException e) {
      assertThat(e.line()).isPositive();
      assertThat(e.column()).isPositive();
    }
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.oneOf(
        Arbitraries.strings().all().ofMaxLength(20),
        Arbitraries.strings().withChars("()[]{}#_\"\\;:/~^@'`+-.0189aeNMx \n,?$").ofMaxLength(25),
        Arbitraries.of("#inst", "#uuid", "#rebasis/float", "#rebasis/bytes", "#", "##NaN", "#_", "[", "]", "(", ")", "{",
            "}", "#{", "\"", "1", ":a", "\\", "nil", "#:a", "\"x\"", "\n", "1e400", "#rebasis/inst", "5N", "\\u12")
            .list().ofMaxSize(10).map(parts -> String.join(" ", parts)));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '`', commentCharacter = '!', textBlock = """
      [1 2                 | 1 | 1 | never closed
      [1 2)                | 1 | 5 | ']' should close
      1 2]                 | 1 | 4 | closes nothing
      "abc                 | 1 | 1 | string is never closed
      [#foo]               | 1 | 6 | no value
      [017]                | 1 | 2 | begins with 0
      ##Nan                | 1 | 1 | ##NaN
      #foo 1               | 1 | 7 | foo
      {:a}                 | 1 | 5 | no value
      {:a 1 :a 2}          | 1 | 12 | twice
      #inst "yesterday"    | 1 | 18 | Not an instant
      #inst "2020-13-01"   | 1 | 19 | Not an instant
      #uuid "1-1-1-1-1"    | 1 | 18 | Not a UUID
      1e400                | 1 | 6 | too large
      [a /b]               | 1 | 4 | slash too many
      a/b/c                | 1 | 1 | slash too many
      """)
  void errors_nameThePlaceAndTheCause(String text, int line, int column, String part) {
    EdnException e = catchThrowableOfType(EdnException.class, () -> Edn.readAll("\n" + text));
    assertThat(e).hasMessageContaining(part).hasMessageStartingWith("EDN, line ");
    assertThat(e.line()).isEqualTo(line + 1);
    assertThat(e.column()).isBetween(column - 1, column + 1);
    assertThat(e.code()).isEqualTo(EdnException.MALFORMED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "(", "{", "#{", "#a ", "[#a ", "#_ ", "#_#_ ", "[[#_ ", "#_ [", "#:a{", "{:a "})
  void deepTextIsRefused(String unit) {
    for (int times : new int[] {600, 1_000_000}) {
      EdnException e = catchThrowableOfType(EdnException.class, () -> Edn.readAll(unit.repeat(times)));
      assertThat(e.code()).isEqualTo(EdnException.TOO_LARGE);
    }
  }

  @Test
  void deepestAllowedTextIsRead() {
    String text = "[".repeat(Edn.DEPTH_MAX) + "]".repeat(Edn.DEPTH_MAX);
    assertThat(Edn.write(Edn.read(text))).isEqualTo(text);
    assertThat((List<?>) Edn.read("[" + "#uuid \"00000000-0000-0000-0000-000000000001\" #{1} ".repeat(5000) + "]")).hasSize(10000);
    assertThat(Edn.readAll("#_ 1 ".repeat(Edn.DISCARDS_MAX))).isEmpty();
  }

  @Test
  void longNumbersAndNamesAreRefusedAtOnce() {
    for (String text : List.of("9".repeat(10_000_000), "1." + "9".repeat(10_000_000) + "M", ":" + "a".repeat(2000),
        "-" + "9".repeat(20_000) + "N", "#" + "a".repeat(2000) + " 1", "a".repeat(2000))) {
      EdnException e = catchThrowableOfType(EdnException.class, () -> Edn.readAll(text));
      assertThat(e.code()).isEqualTo(EdnException.TOO_LARGE);
    }
    assertThatThrownBy(() -> Edn.read("1e999999999M")).isInstanceOf(EdnException.class).hasMessageContaining("scale");
    assertThatThrownBy(() -> Edn.write(new BigDecimal("1e999999999"))).isInstanceOf(IllegalArgumentException.class);
  }
}
