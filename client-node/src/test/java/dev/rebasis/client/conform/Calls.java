package dev.rebasis.client.conform;

import dev.rebasis.client.conform.Attr.Kind;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Adds predicates and function expressions to a random query. */
final class Calls {
  private static final String OWN = "conform.own/";
  private static final String METHODS = "dev.rebasis.client.conform.OwnFunctions/";

  /**
   * Calls of {@code %s}, before a bar, and the kind of what they give: after it; a question mark for a predicate.
   */
  private static final Map<Kind, List<String>> CALLS = new EnumMap<>(Kind.class);

  static {
    CALLS.put(Kind.LONG, List.of("(Long/bitCount %s)|LONG", "(inc %s)|LONG", "(dec %s)|LONG", "(+ %s 2)|LONG", "(- %s 2)|LONG",
        "(* %s 2)|LONG", "(- %s)|LONG", "(+ %s 1 %s)|LONG", "(* %s %s)|LONG", "(/ %s 2)|LONG", "(quot %s 4)|LONG",
        "(rem %s 4)|LONG", "(mod %s 4)|LONG", "(mod %s -4)|LONG", "(quot %s -2)|LONG", "(max %s 5)|LONG", "(min %s 5 7)|LONG",
        "(compare %s 5)|LONG", "(double %s)|DOUBLE", "(/ %s 2.0)|DOUBLE", "(+ %s 1.5)|DOUBLE", "(* %s 2N)|BIG", "(str %s)|STRING",
        "(str \"n\" %s)|STRING", "(even? %s)|?", "(odd? %s)|?", "(float? %s)|?", "(double? %s)|?", "(neg? %s)|?", "(== %s 5)|?",
        "(Long/toString %s)|STRING", "(Long/remainderUnsigned %s 4)|LONG", "(" + OWN + "twice %s)|LONG", "(" + OWN + "small? %s)|?",
        "(" + OWN + "even-only %s)|LONG", "(" + METHODS + "sumOfTwo %s 3)|LONG", "(even? %s)|BOOLEAN", "(number? %s)|?",
        "(keyword? %s)|?", "(string? %s)|?", "(some? %s)|?", "(identity %s)|LONG", "(long %s)|LONG", "(abs %s)|LONG", "(nil? %s)|?",
        "(integer? %s)|?", "(int? %s)|?", "(boolean? %s)|?", "(decimal? %s)|?"));
    CALLS.put(Kind.DOUBLE, List.of("(+ %s 1)|DOUBLE", "(- %s 0.5)|DOUBLE", "(* %s 2)|DOUBLE", "(/ %s 4)|DOUBLE", "(quot %s 2)|DOUBLE",
        "(rem %s 2)|DOUBLE", "(mod %s -2)|DOUBLE", "(inc %s)|DOUBLE", "(max %s 2)|DOUBLE", "(long %s)|LONG", "(Math/round %s)|LONG",
        "(Math/floor %s)|DOUBLE", "(compare %s 2.5)|LONG", "(pos? %s)|?", "(== %s 2.5)|?", "(str %s)|STRING", "(double %s)|DOUBLE",
        "(double? %s)|?", "(float? %s)|?", "(zero? %s)|?", "(abs %s)|DOUBLE", "(- %s)|DOUBLE", "(dec %s)|DOUBLE"));
    CALLS.put(Kind.FLOAT, List.of("(+ %s 1)|DOUBLE", "(- %s 0.5)|DOUBLE", "(* %s 2)|DOUBLE", "(/ %s 4)|DOUBLE", "(quot %s 2)|DOUBLE",
        "(rem %s 2)|DOUBLE", "(inc %s)|DOUBLE", "(dec %s)|DOUBLE", "(- %s)|DOUBLE", "(abs %s)|DOUBLE", "(double %s)|DOUBLE",
        "(long %s)|LONG", "(max %s 2)|", "(identity %s)|FLOAT", "(+ %s %s)|DOUBLE", "(str %s)|STRING", "(pos? %s)|?", "(zero? %s)|?",
        "(== %s 2.5)|?", "(float? %s)|?", "(double? %s)|?", "(number? %s)|?"));
    CALLS.put(Kind.BIG, List.of("(- %s)|BIG", "(abs %s)|BIG", "(+ %s 1)|BIG", "(- %s 1N)|BIG", "(* %s %s)|BIG", "(quot %s 2)|BIG",
        "(rem %s 3)|BIG", "(mod %s 3N)|BIG",
        "(inc %s)|BIG", "(long %s)|LONG", "(compare %s 3)|LONG", "(even? %s)|?", "(zero? %s)|?", "(== %s 3)|?", "(str %s)|STRING",
        "(/ %s 1N)|BIG", "(integer? %s)|?", "(neg? %s)|?"));
    CALLS.put(Kind.DECIMAL, List.of("(- %s)|DECIMAL", "(abs %s)|DECIMAL", "(+ %s 1)|DECIMAL", "(- %s 1.5M)|DECIMAL", "(* %s 2)|DECIMAL",
        "(/ %s 4M)|DECIMAL", "(quot %s 2M)|DECIMAL",
        "(rem %s 2)|DECIMAL", "(inc %s)|DECIMAL", "(decimal? %s)|?", "(compare %s 2.25M)|LONG", "(pos? %s)|?", "(str %s)|STRING"));
    CALLS.put(Kind.STRING, List.of("(clojure.string/upper-case %s)|STRING", "(clojure.string/lower-case %s)|STRING",
        "(clojure.string/capitalize %s)|STRING", "(clojure.string/trim %s)|STRING", "(clojure.string/triml %s)|STRING",
        "(clojure.string/trimr %s)|STRING", "(clojure.string/reverse %s)|STRING",
        "(clojure.string/starts-with? %s \"a\")|?", "(clojure.string/ends-with? %s \"b\")|?", "(clojure.string/includes? %s \"c\")|?",
        "(clojure.string/blank? %s)|?", "(clojure.string/index-of %s \"b\")|LONG", "(clojure.string/last-index-of %s \"a\")|LONG",
        "(clojure.string/replace %s \"a\" \"zz\")|STRING", "(clojure.string/join %s)|STRING", "(clojure.string/join \", \" %s)|STRING",
        "(.length %s)|LONG", "(.toUpperCase %s)|STRING",
        "(.startsWith %s \"b\")|?", "(.concat %s \"x\")|STRING", "(str %s \"!\")|STRING", "(str %s %s)|STRING",
        "(subs %s 0)|STRING", "(subs %s 0 1)|STRING", "(subs %s 1)|STRING", "(count %s)|LONG", "(compare %s \"c\")|LONG",
        "(keyword %s)|KEYWORD", "(keyword \"k\" %s)|KEYWORD", "(name %s)|STRING", "(" + OWN + "shout %s)|STRING",
        "(" + METHODS + "joined %s \"x\")|STRING", "(" + METHODS + "numbered %s 4)|STRING", "(string? %s)|?", "(empty? %s)|?",
        "(identity %s)|STRING"));
    CALLS.put(Kind.KEYWORD, List.of("(name %s)|STRING", "(namespace %s)|STRING", "(str %s)|STRING", "(keyword %s)|KEYWORD",
        "(compare %s :k/c)|LONG", "(keyword? %s)|?", "(identity %s)|KEYWORD"));
    CALLS.put(Kind.BOOLEAN, List.of("(not %s)|BOOLEAN", "(true? %s)|?", "(false? %s)|?", "(not %s)|?", "(str %s)|STRING",
        "(boolean %s)|BOOLEAN", "(identity %s)|?"));
    CALLS.put(Kind.INSTANT, List.of("(identity %s)|INSTANT", "(inst? %s)|?", "(compare %s #inst \"2002-01-01\")|LONG"));
    CALLS.put(Kind.UUID, List.of("(str %s)|STRING", "(uuid? %s)|?", "(compare %s %s)|LONG"));
    CALLS.put(Kind.SYMBOL, List.of("(name %s)|STRING", "(namespace %s)|STRING", "(str %s)|STRING", "(symbol? %s)|?"));
    CALLS.put(Kind.TUPLE, List.of("(count %s)|LONG", "(vector? %s)|?", "(nth %s 0)|", "(first %s)|", "(get %s 1)|", "(untuple %s)|",
        "(vec %s)|", "(set %s)|", "(contains? %s 1)|?", "(empty? %s)|?"));
  }

  private static final List<Kind> KINDS = new ArrayList<>(List.of(Kind.LONG, Kind.LONG, Kind.STRING, Kind.STRING, Kind.ENTITY, Kind.ENTITY));

  static {
    KINDS.addAll(CALLS.keySet());
    KINDS.addAll(List.of(Kind.TUPLE, Kind.TUPLE, Kind.BOOLEAN, Kind.SYMBOL)); // of these there are fewer variables
  }

  private final Queries query;
  private final Random random;

  Calls(Queries query, Random random) {
    this.query = query;
    this.random = random;
  }

  void add() {
    List<Kind> kinds = KINDS.stream().filter(each -> query.known(each) != null).toList();
    Kind kind = kinds.isEmpty() ? null : query.any(kinds);
    String x = kind == null ? null : query.known(kind);
    if (x == null || query.chance(8)) {
      constants();
    } else if (kind == Kind.ENTITY) {
      ofEntity(x);
    } else if (kind != Kind.TUPLE && query.chance(25)) {
      compare(kind, x);
    } else if (query.chance(20)) {
      several(kind, x);
    } else {
      add(query.any(CALLS.get(kind)), x);
    }
  }

  private void add(String template, String x) {
    int bar = template.indexOf('|');
    String call = template.substring(0, bar).replace("%s", x);
    String gives = template.substring(bar + 1);
    // A predicate that gives a value has rows also where it does not hold.
    query.addClause(gives.equals("?") ? "[" + call + (query.chance(50) ? " " + query.fresh(Kind.BOOLEAN) : "") + "]"
        : "[" + call + " " + (gives.isEmpty() ? query.untyped() : query.fresh(Kind.valueOf(gives))) + "]");
  }

  private void constants() {
    query.addClause(switch (random.nextInt(6)) {
      case 0 -> "[(ground 4) " + query.fresh(Kind.LONG) + "]";
      case 1 -> "[(ground [4 \"a\"]) [" + query.fresh(Kind.LONG) + " " + query.fresh(Kind.STRING) + "]]";
      case 2 -> "[(ground [[3 \"a\"] [4 \"b\"] [3 \"a\"]]) [[" + query.fresh(Kind.LONG) + " " + query.fresh(Kind.STRING) + "]]]";
      case 3 -> "[(range 3 6) [" + query.fresh(Kind.LONG) + " ...]]";
      case 4 -> "[(ground [[3 \"a\"] [4 \"b\"]]) [[" + query.blank() + " " + query.fresh(Kind.STRING) + "]]]";
      default -> "[(ground [3 4 5]) [" + query.fresh(Kind.LONG) + " ...]]";
    });
  }

  private void ofEntity(String e) {
    String source = query.chance(20) ? query.otherSource() : "$";
    query.addClause(switch (random.nextInt(9)) {
      case 0, 1 -> "[(missing? " + source + " " + e + " " + query.attribute().ident() + ")]";
      case 2, 3 -> "[(get-else " + source + " " + e + " :d/l 7) " + query.fresh(Kind.LONG) + "]";
      case 4 -> "[(get-some " + source + " " + e + " :d/l :d/li) [?some" + e.substring(1) + " " + query.fresh(Kind.LONG) + "]]";
      case 5 -> "[(get-else " + source + " " + e + " :d/s \"none\") " + query.fresh(Kind.STRING) + "]";
      case 6 -> "[(q (quote [:find [?x ...] :in $ ?p :where [?p :d/rm ?x]]) " + source + " " + e + ") [" + query.fresh(Kind.ENTITY) + " ...]]";
      case 7 -> "[(q (quote [:find (max ?l) . :in $ ?p :where [?x :d/r ?p] [?x :d/l ?l]]) $ " + e + ") " + query.fresh(Kind.LONG) + "]";
      default -> "[(q (quote [:find (count ?x) :in $ ?p :where [?x :d/key _] [?x :d/r ?p]]) $ " + e + ") [["
          + query.fresh(Kind.LONG) + "]]]";
    });
  }

  private void compare(Kind kind, String x) {
    if (kind == Kind.BYTES || kind == Kind.URI) {
      return;
    }
    boolean literal = kind.isLiteral() && query.chance(60);
    String y = literal ? kind.value(random.nextInt(6)) : query.known(kind);
    // With = and a literal or an input, Datomic loses rows in some plans (see docs/differences.md).
    boolean fixed = literal || query.isInput(x) || query.isInput(y);
    List<String> operators = List.of("<", "<=", ">", ">=", "!=", "not=", "=");
    String operator = query.any(fixed && !query.chance(10) ? operators.subList(0, operators.size() - 1) : operators);
    boolean turned = query.chance(20);
    query.addClause("[(" + operator + " " + (turned ? y + " " + x : x + " " + y) + ")]");
  }

  /** Tuples, relations and collections made of a value, and patterns of text. */
  private void several(Kind kind, String x) {
    String end = x.substring(1) + random.nextInt(1_000);
    if (kind == Kind.LONG && query.chance(50)) {
      query.addClause("[(" + OWN + "steps " + x + ") [[" + query.fresh(Kind.LONG) + " " + query.fresh(Kind.LONG) + "]]]");
    } else if (kind == Kind.STRING && query.chance(60)) {
      query.addClause(switch (random.nextInt(5)) {
        case 4 -> "[(re-pattern \"[.b-]\") ?pattern" + end + "] [(clojure.string/split " + x + " ?pattern" + end + ") [" + query.fresh(Kind.STRING) + " ...]]";
        case 0 -> "[(" + OWN + "parts " + x + ") [" + query.fresh(Kind.STRING) + " " + query.fresh(Kind.LONG) + "]]";
        case 1 -> "[(re-pattern \"[a-c]+\") ?pattern" + end + "] [(re-find ?pattern" + end + " " + x + ") " + query.fresh(Kind.STRING) + "]";
        case 2 -> "[(re-pattern \"(.)(.*)\") ?pattern" + end + "] [(re-matches ?pattern" + end + " " + x + ") [" + query.blank() + " " + query.fresh(Kind.STRING) + " " + query.untyped() + "]]";
        default -> "[(re-pattern \"b\") ?pattern" + end + "] [(clojure.string/replace " + x + " ?pattern" + end + " \"y\") " + query.fresh(Kind.STRING) + "]";
      });
    } else {
      String other = query.known(Kind.LONG) == null ? "5" : query.known(Kind.LONG);
      query.addClause(switch (random.nextInt(4)) {
        case 0 -> "[(tuple " + x + " " + other + ") ?pair" + end + "] [(untuple ?pair" + end + ") [" + query.blank() + " " + query.fresh(Kind.LONG) + "]]";
        case 1 -> "[(vector " + x + " " + other + ") ?pair" + end + "] [(nth ?pair" + end + " 1) " + query.fresh(Kind.LONG) + "]";
        case 2 -> "[(hash-map :a " + other + ") ?map" + end + "] [(get ?map" + end + " :a) " + query.fresh(Kind.LONG) + "]";
        default -> "[(tuple " + x + " " + x + ") [" + query.fresh(kind) + " " + query.blank() + "]]";
      });
    }
  }
}
