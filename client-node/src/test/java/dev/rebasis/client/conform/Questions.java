package dev.rebasis.client.conform;

import dev.rebasis.client.conform.Attr.Kind;
import dev.rebasis.data.Bytes;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import dev.rebasis.data.SystemIds;
import dev.rebasis.edn.EdnList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Random questions other than queries. A question is EDN: {@code [:q query view input*]}, {@code [:pull view pattern e]},
 * {@code [:entity view e attribute*]} (navigates), {@code [:touch view e]}, {@code [:datoms view index component*]} and
 * likewise {@code :seek} and {@code :rseek}, {@code [:range view attribute start end]}, {@code [:indexPull view
 * arguments]}, {@code [:lastOf view index component*]} (the first fact of the walk backwards), {@code [:valuesSeek view index
 * component*]} and {@code :valuesRseek} (only the values, of one attribute), {@code [:valuesPull view arguments]} (in their
 * order everywhere), {@code [:txRange start end]}, {@code [:entid view e]}, {@code [:ident view e]}. Confined.
 */
final class Questions {
  /** How far walks over an index go. */
  static final int WALK_MAX = 60;
  static final Keyword ID = Keyword.of(":db/id");
  private static final Keyword Q = Keyword.of(":q");

  private final Random random;
  private final GeneratedSchema schema;
  private final Forms forms;
  private final boolean ordered;
  private final int transactions;
  private final int unaltered;
  private final Walks walks;

  /**
   * For one pair.
   *
   * @param ordered whether ids are the same on both sides, so that what comes first is too
   * @param transactions how many were accepted
   * @param unaltered how many of these are the last to alter the schema and those before it
   */
  Questions(Random random, GeneratedSchema schema, Forms forms, boolean ordered, int transactions, int unaltered) {
    this.random = random;
    this.schema = schema;
    this.forms = forms;
    this.ordered = ordered;
    this.transactions = transactions;
    this.unaltered = unaltered;
    this.walks = new Walks(random, schema, forms, this, ordered);
  }

  /** Datomic notes each alteration of an attribute again, see docs/differences.md. */
  static boolean isShown(Datom datom) {
    return datom.a() != SystemIds.DB_ALTER_ATTRIBUTE;
  }

  /** Datomic walks backwards over retracted bytes as if they stood still, see docs/differences.md. */
  static boolean isShownBackwards(Datom datom) {
    return !(datom.v() instanceof Bytes);
  }

  static boolean isQuery(List<?> question) {
    return question.get(0).equals(Q);
  }

  /** Whether the answer holds values only, which have the same order on both sides. */
  static boolean isOfValues(List<?> question) {
    return ((Keyword) question.get(0)).name().startsWith("values");
  }

  static boolean isView(Object input) {
    return input instanceof EdnList list && !list.isEmpty() && list.get(0).equals(Symbol.of("db"));
  }

  /** A view; entities and pulls need one that shows a moment. */
  String view(boolean ofOneMoment) {
    StringBuilder view = new StringBuilder("(db");
    int moments = transactions;
    boolean isLast = false;
    if (!ordered && unaltered < transactions && chance(10)) {
      // What the user saw has the schema of then, a view of Datomic that of now; and Datomic forgets an asOf for the next.
      moments = unaltered + random.nextInt(transactions - unaltered);
      view.append(" (seen ").append(moments).append(")");
      isLast = true; // nothing is tried on it that names what came later, which was not there
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      view.append(' ').append(switch (random.nextInt(ofOneMoment ? 4 : 5)) {
        case 0 -> "(asOf " + moment(moments) + ")";
        case 1 -> "(since " + moment(moments) + ")";
        case 2 -> "(without " + schema.any().ident() + ")";
        case 3 -> "(asOf " + moment(moments) + ")";
        default -> "(history)";
      });
      isLast |= view.toString().endsWith("(history)");
    }
    boolean bare = view.toString().equals("(db");
    if (!isLast && chance(bare ? 30 : 15)) {
      view.append(with(bare));
      if (chance(30)) {
        // No instant: what is tried here has that of the last transaction, and of two with one instant Datomic takes the first.
        String moment = (chance(50) ? "(tx " : "(t ") + random.nextInt(moments) + ")";
        view.append(chance(50) ? " (asOf " + moment + ")" : chance(50) ? " (since " + moment + ")"
            : " (without " + schema.any().ident() + ")");
      }
    }
    return view.append(')').toString();
  }

  /**
   * What is tried: new facts, mostly beside some that go, or another schema; it can be refused.
   *
   * @param withSchema not on views, where Datomic checks it on what the view shows, see docs/differences.md
   */
  private String with(boolean withSchema) {
    String forms = "[:db/add " + this.forms.named() + " :d/s \"tried\"] {:db/id \"tried\" :d/key \"tried\" :d/rm ["
        + this.forms.named() + "]}";
    int kind = random.nextInt(10);
    if (kind >= 8 && withSchema) {
      return " (with [" + forms + (kind == 8 ? " {:db/ident " + schema.any().ident() + " :db/doc \"tried\"}"
          : " {:db/ident :d/tried :db/valueType :db.type/long :db/cardinality :db.cardinality/one}") + "])";
    }
    return " (with [" + forms + (kind > 0 ? " " + this.forms.onFacts() : "") + "])";
  }

  String moment() {
    return moment(transactions);
  }

  private String moment(int moments) {
    int n = random.nextInt(moments);
    return switch (random.nextInt(3)) {
      case 0 -> "(tx " + n + ")";
      case 1 -> "(instant " + n + ")";
      default -> "(t " + n + ")";
    };
  }

  /** The next question. */
  String next() {
    return switch (random.nextInt(12)) {
      case 0, 1, 2, 3 -> "[:pull " + view(true) + " " + pattern(0) + " " + entity() + "]";
      case 4 -> "[:pullMany " + view(true) + " " + pattern(1) + " [" + entity() + " " + entity() + "]]";
      case 5, 6 -> "[:entity " + view(true) + " " + entity() + path() + "]";
      case 7 -> "[:touch " + view(true) + " " + forms.named() + "]";
      case 8 -> chance(50) ? "[:entid " + view(true) + " " + entity() + "]" : "[:ident " + view(true) + " " + (chance(50) ? schema.any().ident() : forms.named()) + "]";
      default -> walks.next();
    };
  }

  private String entity() {
    return switch (random.nextInt(8)) {
      case 0 -> ":i/x" + random.nextInt(3);
      case 1 -> "[:d/key \"k" + random.nextInt(10) + "\"]";
      default -> forms.named();
    };
  }

  private String path() {
    StringBuilder path = new StringBuilder();
    for (int i = random.nextInt(3); i > 0; i--) {
      Attr ref = schema.anyRef();
      path.append(' ').append(chance(50) ? ref.ident() : ref.reverse());
    }
    return path + " " + (chance(70) ? any(schema.all()).ident() : schema.anyRef().reverse());
  }

  // ---- pull

  String pattern(int depth) {
    StringBuilder pattern = new StringBuilder("[");
    boolean wildcard = chance(20);
    Set<String> named = new HashSet<>();
    if (wildcard) {
      pattern.append("* ");
    }
    if (chance(25)) {
      pattern.append(":db/id ");
    }
    for (int i = random.nextInt(4) + (wildcard ? 0 : 1); i > 0; i--) {
      boolean nested = chance(40);
      Attr a = nested || chance(20) ? schema.anyRef() : any(schema.all());
      String name = a.isRef() && chance(40) ? a.reverse() : a.ident();
      if (named.add(name)) {
        pattern.append(nested ? "{" + attribute(name, a) + " " + nested(depth, wildcard) + "} " : attribute(name, a) + " ");
      }
    }
    return pattern.append("]").toString();
  }

  private String nested(int depth, boolean inWildcard) {
    if (chance(30)) {
      // Datomic fails with a null pointer if a wildcard stands beside a numbered recursion.
      return inWildcard || chance(50) ? "..." : String.valueOf(1 + random.nextInt(3));
    }
    return depth < 3 ? pattern(depth + 1) : "[:d/key]";
  }

  private String attribute(String name, Attr a) {
    return switch (random.nextInt(9)) {
      case 4 -> a.many() && !a.isRef() ? "[" + name + " :xform conform.own/size]"
          : a.kind() == Kind.STRING && !a.many() ? "(" + name + " :xform conform.own/shout :default \"none\")"
          : a.kind() == Kind.LONG && !a.many() ? "[" + name + " :xform conform.own/twice]" : name;
      case 0 -> "[" + name + " :as :as" + name.substring(1).replace('/', '-') + "]";
      case 1 -> ordered || !a.isRef() ? "[" + name + " :limit " + (1 + random.nextInt(2)) + "]" : name;
      case 5 -> a.many() && (ordered || !a.isRef()) ? "[" + name + " :limit 1]" : name;
      case 2 -> "[" + name + " :default \"none\"]";
      case 3 -> "(" + name + " :limit nil :as \"text" + name.substring(2) + "\")";
      default -> name;
    };
  }

  private <T> T any(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }
}
