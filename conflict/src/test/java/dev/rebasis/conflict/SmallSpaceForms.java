package dev.rebasis.conflict;

import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The forms of the small space, as small-space-forms.txt lists them, and the database that they are tried on. */
final class SmallSpaceForms {
  static final String FILE = "small-space-forms.txt";

  /** What stands on the base. */
  static final String FIRST = """
      [{:db/id "a" :t/key "A" :t/number 1 :t/aliases ["aa" "ab"] :t/code "c" :t/codes [:kw/a] :t/string "s"
        :t/strings ["s1" "s2"] :t/boolean true :t/long 7 :t/longs [1 2] :t/bigint 5N :t/float 1.5 :t/double 1.5
        :t/bigdec 1.0M :t/keyword :kw/a :t/rank 3 :t/ref :enum/one :t/symbol abc :t/bytes #rebasis/bytes "01"
        :t/cell [1 true] :t/steps [[5 6]] :t/path [:a :b]
        :t/part {:t/key "P"} :t/parts [{:t/key "Q" :t/parts [{:t/key "R" :t/long 77}]}]}
       {:t/key "B" :t/number 2 :t/aliases ["ba"] :t/strings ["s1"] :t/ref "a" :t/refs ["a"] :t/owner "a" :plain "a"}]""";

  /**
   * One line.
   *
   * @param differs whether Rebasis differs from Datomic here on purpose
   * @param remote what others did meanwhile, null if nothing
   * @param result what the file says, null if nothing yet
   */
  record Line(boolean differs, String forms, String remote, String result) {}

  private SmallSpaceForms() {}

  static List<Object> schema() {
    List<Object> schema = new ArrayList<>(OracleSchema.forms());
    schema.add(attribute(":rebasis/policy", ":db.type/keyword"));
    schema.add(attribute(":rebasis.tx/id", ":db.type/uuid"));
    schema.add(attribute(":t/_odd", ":db.type/long"));
    schema.add(attribute(":bare", ":db.type/long"));
    schema.add(attribute(":plain", ":db.type/ref"));
    return schema;
  }

  private static Map<Object, Object> attribute(String ident, String type) {
    Map<Object, Object> form = new LinkedHashMap<>();
    form.put(Keyword.of(":db/ident"), Keyword.of(ident));
    form.put(Keyword.of(":db/valueType"), Keyword.of(type));
    form.put(Keyword.of(":db/cardinality"), Keyword.of(":db.cardinality/one"));
    return form;
  }

  static TestDatabase database() {
    TestDatabase db = new TestDatabase(Edn.write(schema()));
    db.remote(FIRST);
    return db;
  }

  /** All lines of the file, comments as they are, the others still to be read by {@link #read}. */
  static List<String> lines() {
    try (InputStream in = SmallSpaceForms.class.getResourceAsStream(FILE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Null for a comment. */
  static Line read(String line) {
    if (line.isBlank() || line.startsWith("#")) {
      return null;
    }
    int arrow = line.indexOf(" => ");
    String said = arrow < 0 ? line : line.substring(0, arrow);
    boolean differs = said.startsWith("~ ");
    String[] sides = (differs ? said.substring(2) : said).split(" <> ", 2);
    return new Line(
        differs, sides[0], sides.length == 1 ? null : sides[1], arrow < 0 ? null : line.substring(arrow + 4));
  }

  /** The text with names of entities replaced by ids. */
  static String named(String forms, TestFacts facts) {
    String text = forms;
    for (String key : List.of("A", "B", "P", "Q", "R")) {
      Long id = new TracingView(facts).holder(facts.schema().attribute(Keyword.of(":t/key")), key);
      text = text.replaceAll("(?<=[ \\[])" + key + "(?=[ \\]}])", id.toString());
    }
    return text;
  }
}
