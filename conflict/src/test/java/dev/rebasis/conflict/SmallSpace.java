package dev.rebasis.conflict;

import dev.rebasis.data.Keyword;
import dev.rebasis.data.ValueType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The dimensions of the small space: one attribute of each shape (cardinality, uniqueness, component, reference), three
 * entities with few values, and every operation on them. A, B and C are entities, P is a component of A and M the only
 * one of its kind; N is a key that nobody has on the base.
 */
final class SmallSpace {
  static final String SCHEMA = """
      [{:db/ident :s/key :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :s/names :db/valueType :db.type/string :db/cardinality :db.cardinality/many
        :db/unique :db.unique/identity}
       {:db/ident :s/code :db/valueType :db.type/long :db/cardinality :db.cardinality/one :db/unique :db.unique/value}
       {:db/ident :s/codes :db/valueType :db.type/long :db/cardinality :db.cardinality/many
        :db/unique :db.unique/value}
       {:db/ident :s/one :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :s/many :db/valueType :db.type/long :db/cardinality :db.cardinality/many}
       {:db/ident :s/text :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :s/to :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
       {:db/ident :s/refs :db/valueType :db.type/ref :db/cardinality :db.cardinality/many}
       {:db/ident :s/main :db/valueType :db.type/ref :db/cardinality :db.cardinality/one :db/isComponent true}
       {:db/ident :s/part :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true}
       {:db/ident :s/float :db/valueType :db.type/float :db/cardinality :db.cardinality/one}
       {:db/ident :s/double :db/valueType :db.type/double :db/cardinality :db.cardinality/one}
       {:db/ident :s/bigint :db/valueType :db.type/bigint :db/cardinality :db.cardinality/one}
       {:db/ident :s/bigdec :db/valueType :db.type/bigdec :db/cardinality :db.cardinality/one}
       {:db/ident :s/bytes :db/valueType :db.type/bytes :db/cardinality :db.cardinality/one}
       {:db/ident :s/pair :db/valueType :db.type/tuple :db/cardinality :db.cardinality/one
        :db/tupleType :db.type/long}]""";

  private static final String FIRST = """
      [{:db/id "a" :s/key "A" :s/names ["a" "aa"] :s/code 1 :s/codes [10 11] :s/one 5 :s/many [1 2] :s/text "one two"
        :s/float 1.5 :s/double 1.5 :s/bigint 5N :s/bigdec 5.0M :s/bytes #rebasis/bytes "01" :s/pair [1 1]
        :s/part [{:s/key "P" :s/one 1}] :s/main {:s/key "M" :s/one 1}}
       {:s/key "B" :s/names ["b"] :s/code 2 :s/codes [20] :s/to "a" :s/refs ["a" {:db/id "c" :s/key "C"}]}]""";

  /** What the model knows about an attribute; written down apart from the schema on purpose. */
  record Shape(ValueType type, boolean many, boolean identity, boolean unique, boolean component) {
    boolean ref() {
      return type == ValueType.REF;
    }
  }

  /** Reads a number and gives a greater one. */
  static final Keyword RAISE = Keyword.of(":f/raise");
  /** Asserts what it is told, and reads nothing. */
  static final Keyword PUT = Keyword.of(":f/put");
  static final Keyword ONE = Keyword.of(":s/one");

  static final Map<Keyword, Shape> SHAPES = shapes();

  static final Rules RULES = Rules.builder()
      .function(RAISE, (db, args) -> List.of(List.of(
          Vocabulary.ADD, args.get(0), ONE, number(db.value(args.get(0), ONE)) + (Long) args.get(1))))
      .function(PUT, (db, args) -> List.of(List.of(Vocabulary.ADD, args.get(0), args.get(1), args.get(2))))
      .build();

  private SmallSpace() {}

  static long number(Object value) {
    return value == null ? 0 : (Long) value;
  }

  private static Map<Keyword, Shape> shapes() {
    Map<Keyword, Shape> shapes = new LinkedHashMap<>();
    shapes.put(Keyword.of(":s/key"), new Shape(ValueType.STRING, false, true, true, false));
    shapes.put(Keyword.of(":s/names"), new Shape(ValueType.STRING, true, true, true, false));
    shapes.put(Keyword.of(":s/code"), new Shape(ValueType.LONG, false, false, true, false));
    shapes.put(Keyword.of(":s/codes"), new Shape(ValueType.LONG, true, false, true, false));
    shapes.put(Keyword.of(":s/one"), new Shape(ValueType.LONG, false, false, false, false));
    shapes.put(Keyword.of(":s/many"), new Shape(ValueType.LONG, true, false, false, false));
    shapes.put(Keyword.of(":s/text"), new Shape(ValueType.STRING, false, false, false, false));
    shapes.put(Keyword.of(":s/to"), new Shape(ValueType.REF, false, false, false, false));
    shapes.put(Keyword.of(":s/refs"), new Shape(ValueType.REF, true, false, false, false));
    shapes.put(Keyword.of(":s/main"), new Shape(ValueType.REF, false, false, false, true));
    shapes.put(Keyword.of(":s/part"), new Shape(ValueType.REF, true, false, false, true));
    shapes.put(Keyword.of(":s/float"), new Shape(ValueType.FLOAT, false, false, false, false));
    shapes.put(Keyword.of(":s/double"), new Shape(ValueType.DOUBLE, false, false, false, false));
    shapes.put(Keyword.of(":s/bigint"), new Shape(ValueType.BIGINT, false, false, false, false));
    shapes.put(Keyword.of(":s/bigdec"), new Shape(ValueType.BIGDEC, false, false, false, false));
    shapes.put(Keyword.of(":s/bytes"), new Shape(ValueType.BYTES, false, false, false, false));
    shapes.put(Keyword.of(":s/pair"), new Shape(ValueType.TUPLE, false, false, false, false));
    return shapes;
  }

  /** The operations by the attribute that they are about. */
  static Map<Keyword, List<String>> operations() {
    Map<Keyword, List<String>> all = new LinkedHashMap<>();
    all.put(ONE, operations("A :s/one", "5", "7", "9", "{:s/key \"A\" :s/one 8}", "[:db/cas A :s/one 5 7]",
        "[:db/cas A :s/one 5 5]", "[:db/cas A :s/one nil 7]", "[:f/raise A 2]", "[:f/put A :s/one 9]",
        "[:db/add [:s/key \"A\"] :s/one 9]", "[:db/retractEntity A]", "[:db/retractEntity [:s/key \"A\"]]"));
    all.put(Keyword.of(":s/text"), operations("A :s/text", "\"one two\"", "\"one two 2\"", "\"0 one two\"",
        "[:db/add A :s/text \"one 2\"]", "[:db/add A :s/text \"one 3\"]", "[:db/retractEntity A]",
        "[:db/add C :s/text \"new\"]", "[:db/add C :s/text \"other\"]"));
    all.put(Keyword.of(":s/many"), operations("A :s/many", "1", "3", "4", "{:s/key \"A\" :s/many [3 4]}",
        "[:f/put A :s/many 3]", "[:db/retractEntity A]"));
    all.put(Keyword.of(":s/key"), operations("A :s/key", "\"A\"", "\"N\"", "\"B\"", "{:s/key \"N\" :s/one 1}",
        "{:s/key \"N\" :s/one 2 :s/names [\"n\"]}", "{:s/key \"A\" :s/one 8}", "[:db/add C :s/key \"N\"]",
        "[:db/add [:s/key \"N\"] :s/one 3]", "[:db/add [:s/key \"A\"] :s/one 3]", "[:db/cas [:s/key \"A\"] :s/one 5 3]",
        "[:db/cas [:s/key \"A\"] :s/one nil 3]", "[:db/retract [:s/key \"A\"] :s/one]", "[:db/retractEntity A]",
        "{:s/key \"B\" :s/to {:s/key \"N\" :s/one 4}}"));
    all.put(Keyword.of(":s/names"), operations("A :s/names", "\"a\"", "\"n\"", "\"b\"", "{:s/names [\"n\"] :s/one 1}",
        "{:s/names [\"n\"] :s/key \"N\"}", "{:s/names [\"a\"] :s/one 8}", "[:db/add C :s/names \"n\"]",
        "[:db/add [:s/names \"a\"] :s/one 3]", "[:db/retractEntity A]"));
    all.put(Keyword.of(":s/code"), operations("A :s/code", "1", "3", "2", "[:db/add C :s/code 1]",
        "[:db/add C :s/code 3]", "{:s/code 3 :s/one 1}", "{:s/code 1}", "[:db/cas A :s/code 1 3]",
        "[:db/cas C :s/code nil 3]", "[:db/add [:s/code 1] :s/one 3]", "[:db/retractEntity A]", "[:db/retractEntity B]"));
    all.put(Keyword.of(":s/codes"), operations("A :s/codes", "10", "13", "20", "[:db/add C :s/codes 10]",
        "[:db/add C :s/codes 13]", "{:s/codes [13 14]}", "[:db/retractEntity A]", "[:db/retractEntity B]"));
    all.put(Keyword.of(":s/to"), operations("B :s/to", "A", "C", "P", "[:db/cas B :s/to A C]",
        "{:db/id B :s/to {:s/key \"N\"}}", "{:db/id B :s/to {:s/key \"C\" :s/one 3}}", "{:db/id C :s/_to B}",
        "{:s/key \"N\" :s/to A}", "[:db/retractEntity A]", "[:db/retractEntity B]", "[:db/retractEntity C]"));
    all.put(Keyword.of(":s/refs"), operations("B :s/refs", "A", "P", "M", "{:s/key \"B\" :s/refs [P M]}",
        "[:db/add B :s/refs B]", "[:db/retract B :s/refs C]", "[:db/retractEntity A]", "[:db/retractEntity B]",
        "[:db/retractEntity C]"));
    all.put(Keyword.of(":s/main"), operations("A :s/main", "M", "C", "P", "{:db/id A :s/main {:s/one 3}}",
        "{:db/id C :s/main {:s/one 3}}", "[:db/add M :s/one 4]", "[:db/retractEntity A]", "[:db/retractEntity M]",
        "[:db/add C :s/main A]"));
    all.put(Keyword.of(":s/part"), operations("A :s/part", "P", "C", "M", "{:db/id A :s/part [{:s/one 3} {:s/one 4}]}",
        "[:db/add P :s/one 4]", "[:db/add P :s/part C]", "[:db/add C :s/to P]", "[:db/retractEntity A]",
        "[:db/retractEntity P]", "[:db/retractEntity C]"));
    all.put(Keyword.of(":s/float"), numbers("float", "1.5", "2.5", "-1.5"));
    all.put(Keyword.of(":s/double"), numbers("double", "1.5", "2.5", "-1.5"));
    all.put(Keyword.of(":s/bigint"), numbers("bigint", "5N", "7N", "-9N"));
    all.put(Keyword.of(":s/bigdec"), numbers("bigdec", "5.0M", "7.25M", "-9M"));
    all.put(Keyword.of(":s/bytes"), numbers("bytes", "#rebasis/bytes \"01\"", "#rebasis/bytes \"02\"",
        "#rebasis/bytes \"\""));
    all.put(Keyword.of(":s/pair"), numbers("pair", "[1 1]", "[1 2]", "[nil 2]"));
    return all;
  }

  private static List<String> numbers(String name, String there, String other, String third) {
    return operations("A :s/" + name, there, other, third, "[:db/cas A :s/" + name + " " + there + " " + third + "]",
        "[:db/add C :s/" + name + " " + other + "]", "[:db/retractEntity A]");
  }

  /** What can be said about one place with a value that is there, one that is not, and a third. */
  private static List<String> operations(String place, String there, String other, String third, String... more) {
    List<String> all = new ArrayList<>();
    for (String v : List.of(there, other, third)) {
      all.add("[:db/add " + place + " " + v + "]");
      all.add("[:db/retract " + place + " " + v + "]");
    }
    all.add("[:db/retract " + place + "]");
    all.addAll(List.of(more));
    return List.copyOf(all);
  }

  /** Every operation once, whatever it is about. */
  static List<String> allOperations() {
    return operations().values().stream().flatMap(List::stream).distinct().toList();
  }

  static TestDatabase database() {
    TestDatabase db = new TestDatabase(SCHEMA).withPolicies();
    db.rules(RULES);
    db.remote(FIRST);
    return db;
  }

  /** The forms of one operation, names of entities replaced by their ids on the base. */
  static String named(String operation, TestDatabase base) {
    String text = operation;
    for (String key : List.of("A", "B", "C", "P", "M")) {
      text = text.replaceAll("(?<=[ \\[])" + key + "(?=[ \\]}])", Long.toString(base.entity(":s/key", key)));
    }
    return "[" + text + "]";
  }
}
