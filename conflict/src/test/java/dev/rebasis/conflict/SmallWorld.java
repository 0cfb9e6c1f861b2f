package dev.rebasis.conflict;

import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Four entities with few values, and random transactions about them, so that changes meet often. */
final class SmallWorld {
  static final Keyword COUNT = Keyword.of(":i/count");
  static final Keyword TAGS = Keyword.of(":i/tags");
  private static final String SCHEMA = """
      [{:db/ident :i/key :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :i/code :db/valueType :db.type/long :db/cardinality :db.cardinality/one :db/unique :db.unique/value}
       {:db/ident :i/count :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :i/tags :db/valueType :db.type/string :db/cardinality :db.cardinality/many}
       {:db/ident :i/owner :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
       {:db/ident :i/parts :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true}]""";

  final TestDatabase db = new TestDatabase(SCHEMA);
  final Random random;
  final List<Long> entities = new ArrayList<>();

  SmallWorld(long seed) {
    random = new Random(seed);
    db.remote("[{:i/key \"a\" :i/count 0} {:i/key \"b\" :i/tags [\"x\" \"y\"]} {:i/key \"c\" :i/code 1}"
        + " {:i/key \"d\" :i/owner [:db/ident :db/doc]}]");
    for (String key : List.of("a", "b", "c", "d")) {
      entities.add(db.entity(":i/key", key));
    }
  }

  /** One to three operations on single values, of entities that stay. */
  String valueForms() {
    return forms(4);
  }

  /** One to three operations of any kind. */
  String anyForms() {
    return forms(12);
  }

  private String forms(int kinds) {
    List<Object> forms = new ArrayList<>();
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      forms.add(Edn.read(form(random.nextInt(kinds))));
    }
    return Edn.write(forms);
  }

  private String form(int kind) {
    String e = entities.get(random.nextInt(entities.size())).toString();
    String key = "\"" + "abcdef".charAt(random.nextInt(6)) + "\"";
    String fact = random.nextBoolean()
        ? ":i/count " + random.nextInt(3) : ":i/tags \"" + "xyz".charAt(random.nextInt(3)) + "\"";
    String other = entities.get(random.nextInt(entities.size())).toString();
    return switch (kind) {
      case 0, 1 -> "[:db/add " + e + " " + fact + "]";
      case 2 -> "[:db/retract " + e + " " + fact + "]";
      case 3 -> "[:db/retract " + e + (random.nextBoolean() ? " :i/count]" : " :i/tags]");
      case 4 -> "[:db/retractEntity " + e + "]";
      case 5 -> "[:db/add [:i/key " + key + "] " + fact + "]";
      case 6 -> "{:i/key " + key + " :i/count " + random.nextInt(3) + "}";
      case 7 -> "[:db/add " + e + " :i/owner " + other + "]";
      case 8 -> "[:db/add " + e + " :i/code " + random.nextInt(3) + "]";
      case 9 -> "{:db/id " + e + " :i/parts [{:i/count " + random.nextInt(3) + "}]}";
      case 10 -> "[:db/cas " + e + " :i/count " + (random.nextBoolean() ? "nil" : random.nextInt(3)) + " 2]";
      default -> "{:db/id \"t\" :i/key " + key + " :i/owner {:i/key \"b\" :i/tags [\"z\"]}}";
    };
  }

  /** Others commit one to three transactions, as far as they are valid; gives what they changed. */
  List<Datom> others(boolean onlyValues) {
    int before = db.history().size();
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      db.tryRemote(onlyValues ? valueForms() : anyForms());
    }
    return List.copyOf(db.history().subList(before, db.history().size()));
  }
}
