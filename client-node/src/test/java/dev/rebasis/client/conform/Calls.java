package dev.rebasis.client.conform;

import dev.rebasis.client.conform.Attr.Kind;
import java.util.List;
import java.util.Random;

/** Adds predicates and function expressions to a random query. */
final class Calls {
  private final Queries query;
  private final Random random;

  Calls(Queries query, Random random) {
    this.query = query;
    this.random = random;
  }

  void add() {
    Kind kind = query.any(List.of(
        Kind.LONG, Kind.LONG, Kind.STRING, Kind.INSTANT, Kind.DOUBLE, Kind.ENTITY, Kind.ENTITY, Kind.KEYWORD));
    String x = query.known(kind);
    if (x == null) {
      query.addClause("[(ground [3 4 5]) [" + query.fresh(Kind.LONG) + " ...]]");
    } else if (kind == Kind.ENTITY) {
      ofEntity(x);
    } else if (query.chance(60)) {
      compare(kind, x);
    } else if (kind == Kind.LONG) {
      ofLong(x);
    } else {
      ofText(kind, x);
    }
  }

  private void ofEntity(String e) {
    query.addClause(switch (random.nextInt(6)) {
      case 0, 1 -> "[(missing? $ " + e + " " + query.attribute().ident() + ")]";
      case 2, 3 -> "[(get-else $ " + e + " :d/l 7) " + query.fresh(Kind.LONG) + "]";
      case 4 -> "[(get-some $ " + e + " :d/l :d/li) [?some" + e.substring(1) + " " + query.fresh(Kind.LONG) + "]]";
      default -> "[(q (quote [:find (count ?x) :in $ ?p :where [?x :d/key _] [?x :d/r ?p]]) $ " + e + ") [["
          + query.fresh(Kind.LONG) + "]]]";
    });
  }

  private void compare(Kind kind, String x) {
    boolean literal = query.chance(60);
    String y = literal ? kind.value(random.nextInt(6)) : query.known(kind);
    // With = and a literal or an input, Datomic loses rows in some plans (see docs/differences.md).
    boolean fixed = literal || query.isInput(x) || query.isInput(y);
    List<String> operators = List.of("<", "<=", ">", ">=", "!=", "not=", "=");
    String operator = query.any(fixed ? operators.subList(0, operators.size() - 1) : operators);
    query.addClause("[(" + operator + " " + x + " " + y + ")]");
  }

  private void ofLong(String x) {
    query.addClause(switch (random.nextInt(5)) {
      case 0 -> "[(" + query.any(List.of("Math/abs", "inc", "dec")) + " " + x + ") " + query.fresh(Kind.LONG) + "]";
      case 1 -> "[(max " + x + " 5) " + query.fresh(Kind.LONG) + "]";
      case 2 -> "[(tuple " + x + " 5) ?pair" + x.substring(1) + "] [(untuple ?pair" + x.substring(1) + ") [_ "
          + query.fresh(Kind.LONG) + "]]";
      default -> "[(" + query.any(List.of("+", "-", "*")) + " " + x + " 2) " + query.fresh(Kind.LONG) + "]";
    });
  }

  private void ofText(Kind kind, String x) {
    if (kind == Kind.KEYWORD) {
      query.addClause("[(name " + x + ") " + query.fresh(Kind.STRING) + "]");
    } else if (kind == Kind.STRING && query.chance(50)) {
      query.addClause(query.chance(50) ? "[(clojure.string/upper-case " + x + ") " + query.fresh(Kind.STRING) + "]"
          : "[(.length " + x + ") ?length" + x.substring(1) + "]");
    } else if (kind == Kind.STRING) {
      query.addClause("[(str " + x + " \"!\") " + query.fresh(Kind.STRING) + "]");
    } else {
      query.addClause("[(identity " + x + ") " + query.fresh(kind) + "]");
    }
  }
}
