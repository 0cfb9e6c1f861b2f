package dev.rebasis.client.conform;

import dev.rebasis.client.conform.Attr.Kind;
import java.util.List;
import java.util.Random;

/** Adds {@code not}, {@code or} and rules to a random query, all of whose other patterns stand before them. */
final class NestedClauses {
  /** Rules of all kinds over the references and values of {@link GeneratedSchema}. */
  static final String RULES = """
      [[(step ?a ?b) [?a :d/r ?b]]
       [(step ?a ?b) [?a :d/rm ?b]]
       [(right ?a ?b) [?a :d/r ?b]]
       [(right ?a ?b) [?a :d/r ?c] (right ?c ?b)]
       [(left ?a ?b) [?a :d/r ?b]]
       [(left ?a ?b) (left ?a ?c) [?c :d/r ?b]]
       [(both ?a ?b) [?a :d/r ?b]]
       [(both ?a ?b) (both ?a ?c) (both ?c ?b)]
       [(from [?a] ?b) [?a :d/r ?b]]
       [(from [?a] ?b) [?a :d/r ?c] (from ?c ?b)]
       [(even ?a) [?a :d/l 4]]
       [(even ?a) [?a :d/r ?b] (odd ?b)]
       [(odd ?a) [?a :d/r ?b] (even ?b)]
       [(value ?a ?v) [?a :d/l ?v]]
       [(value ?a ?v) [?a :d/r ?b] (value ?b ?v)]
       [(plain ?a ?v) (or [?a :d/l ?v] [?a :d/li ?v])]
       [(either ?a ?b) (or-join [?a ?b] [?a :d/r ?b] (and [?a :d/r ?c] (either ?c ?b)))]
       [(end ?a) [?a :d/key _] (not-join [?a] [?a :d/r ?b])]
       [(near ?a ?b) [?a :d/r ?b] (not (end ?b))]
       [(same ?a ?b) [?a :d/k ?k] [?b :d/k ?k] [(!= ?a ?b)]]
       [(has ?a ?v) [?a :d/l ?v]]
       [(has ?a ?v) (of :d/li ?a ?v)]
       [(of ?attribute ?a ?v) [?a ?attribute ?v]]
       [(reached ?a ?b) (right ?a ?b) [?b :d/key _]]
       [(reached ?a ?b) (near ?a ?b)]]""";

  private final Queries query;
  private final Random random;

  NestedClauses(Queries query, Random random) {
    this.query = query;
    this.random = random;
  }

  void add() {
    switch (random.nextInt(7)) {
      case 0, 3 -> addNot();
      case 1 -> addOr();
      case 2 -> addOrJoin();
      default -> addRule();
    }
  }

  private void addNot() {
    String e = query.boundEntity();
    query.addClause(switch (random.nextInt(10)) {
      case 6 -> notOfCompared(e);
      case 7, 8, 9 -> "(not-join [" + e + "] " + called(e, "?in4") + (query.chance(50) ? " [(even? ?in4)])" : ")");
      // Not in the branches of an or, which Datomic makes rules of: these see one source only.
      case 4 -> "(not [" + query.otherSource() + " " + pattern(e).substring(1) + ")";
      case 0 -> "(not " + pattern(e) + " " + pattern(e) + ")";
      case 1, 5 -> "(not-join [" + e + "] [" + e + " :d/r ?in1] "
          + (query.chance(50) ? "[?in1 :d/key _]" : pattern("?in1")) + ")";
      case 2 -> "(not (or " + pattern(e) + " " + pattern(e) + "))";
      default -> "(not " + pattern(e) + ")";
    });
  }

  /** A comparison inside, of a value that a not-join finds there, or that is bound before, as a not needs it. */
  private String notOfCompared(String e) {
    String compare = "[(" + query.any(List.of("<", "<=", ">", "!=")) + " ";
    if (query.chance(40)) {
      return "(not-join [" + e + "] [" + e + " :d/l ?in3] " + compare + "?in3 5)])";
    }
    String value = query.fresh(Kind.LONG);
    query.addClause("[" + e + " :d/l " + value + "]");
    return "(not [" + e + " " + (query.chance(50) ? ":d/l " : ":d/li ") + value + "] " + compare + value + " 5)])";
  }

  private void addOr() {
    String e = query.boundEntity();
    if (query.chance(30)) {
      String value = query.fresh(Kind.LONG);
      query.addClause("(or " + called(e, value) + " (and [" + e + " :d/l " + value + "] [(" + query.any(List.of("odd?", "pos?"))
          + " " + value + ")]))");
    } else if (query.chance(40)) {
      String value = query.fresh(Kind.LONG);
      query.addClause("(or [" + e + " :d/l " + value + "] (and [" + e + " :d/li " + value + "] " + pattern(e) + "))");
    } else {
      query.addClause("(or " + pattern(e) + " (and " + pattern(e) + " " + pattern(e) + ") "
          + (query.chance(50) ? "(not " + pattern(e) + ")" : pattern(e)) + ")");
    }
  }

  private void addOrJoin() {
    String e = query.boundEntity();
    String value = query.fresh(Kind.LONG);
    String shared = query.chance(30) ? "[[" + e + "] " + value + "]" : "[" + e + " " + value + "]";
    query.addClause("(or-join " + shared + " [" + e + " :d/l " + value + "] (and [" + e + " :d/r ?in1] [?in1 :d/l ?in2] "
        + "[(+ ?in2 1) " + value + "]))");
  }

  private void addRule() {
    query.addInput("%", RULES);
    String e = query.boundEntity();
    String rule = query.any(List.of(
        "step", "right", "left", "both", "from", "even", "odd", "value", "plain", "either", "end", "near", "same", "has", "of", "reached"));
    String call = switch (rule) {
      case "even", "odd", "end" -> "(" + rule + " " + e + ")";
      case "value", "plain", "has" -> "(" + rule + " " + e + " " + number() + ")";
      case "of" -> "(of " + (query.chance(50) ? ":d/l " : ":d/li ") + e + " " + number() + ")";
      default -> "(" + rule + " " + arguments(rule, e) + ")";
    };
    // Datomic reads $ where a call for another source has a literal.
    boolean plain = call.matches("\\(\\w+( \\?\\w+| _)+\\)");
    if (query.chance(12) && plain) {
      call = "(" + query.otherSource() + " " + call.substring(1);
    }
    boolean allBound = !call.contains("_") && query.chance(15) && call.chars().filter(c -> c == '?').count() == 1;
    query.addClause(allBound ? "(not " + call + ")" : call);
  }

  /** A call of a rule within another clause. */
  private String called(String e, String value) {
    query.addInput("%", RULES);
    return "(" + query.any(List.of("value ", "has ", "of :d/li ")) + e + " " + value + ")";
  }

  private String number() {
    return query.chance(20) ? "4" : query.chance(20) ? "_" : query.fresh(Kind.LONG);
  }

  private String arguments(String rule, String e) {
    String other = switch (random.nextInt(6)) {
      case 0 -> query.entity();
      // An input that is a lookup ref finds nothing in Datomic if it stands twice in a clause.
      case 1 -> query.isInput(e) ? "_" : e;
      case 2 -> "_";
      default -> query.fresh(Kind.ENTITY);
    };
    boolean backwards = !rule.equals("from") && query.chance(30);
    return backwards ? other + " " + e : e + " " + other;
  }

  private String pattern(String e) {
    Attr attribute = query.attribute();
    String value = query.chance(30) ? "_" : query.literal(attribute);
    return "[" + e + " " + attribute.ident() + " " + value + "]";
  }
}
