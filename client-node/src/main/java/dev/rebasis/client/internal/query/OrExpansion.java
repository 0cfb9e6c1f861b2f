package dev.rebasis.client.internal.query;

import dev.rebasis.data.Symbol;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.function.Predicate;

/**
 * Turns a body with an {@code or} around certain calls of rules into several bodies without it, one for each branch, so
 * that these calls stand at the top of a body. Pure functions.
 */
final class OrExpansion {
  private OrExpansion() {}

  /** The bodies whose rows together are those of this one. */
  static List<Body> of(Body body, Predicate<Clause.RuleCall> certain) {
    for (int i = 0; i < body.where().size(); i++) {
      if (body.where().get(i) instanceof Clause.Or or && contains(or, certain)) {
        List<Body> all = new ArrayList<>();
        for (Body branch : or.branches()) {
          all.addAll(of(inPlaceOf(body, i, or, branch), certain));
        }
        return all;
      }
    }
    return List.of(body);
  }

  private static boolean contains(Clause.Or or, Predicate<Clause.RuleCall> certain) {
    boolean[] found = {false};
    or.branches().forEach(branch -> RuleSet.forEachCall(branch, call -> found[0] |= certain.test(call)));
    return found[0] && or.source().equals(Query.DEFAULT_SOURCE);
  }

  private static Body inPlaceOf(Body body, int index, Clause.Or or, Body branch) {
    List<Symbol> variables = new ArrayList<>(body.variables());
    int shared = or.outer().size();
    int firstOwn = variables.size();
    variables.addAll(branch.variables().subList(shared, branch.variables().size()));
    IntUnaryOperator slots = slot -> slot < shared ? or.outer().get(slot) : firstOwn + slot - shared;
    List<Clause> where = new ArrayList<>(body.where());
    where.remove(index);
    branch.where().forEach(clause -> where.add(renamed(clause, slots)));
    return new Body(where, variables);
  }

  private static Clause renamed(Clause clause, IntUnaryOperator slots) {
    if (clause instanceof Clause.Pattern c) {
      return new Clause.Pattern(c.source(), terms(c.terms(), slots), c.form());
    }
    if (clause instanceof Clause.Expression c) {
      Binding output = c.output() == null ? null : binding(c.output(), slots);
      return new Clause.Expression(c.function(), c.body(), terms(c.arguments(), slots), output, c.form());
    }
    if (clause instanceof Clause.Not c) {
      return new Clause.Not(c.source(), c.body(), outer(c.outer(), slots), c.form());
    }
    if (clause instanceof Clause.Or c) {
      return new Clause.Or(c.source(), c.branches(), outer(c.outer(), slots), c.required(), c.form());
    }
    Clause.RuleCall c = (Clause.RuleCall) clause;
    return new Clause.RuleCall(c.source(), c.name(), terms(c.arguments(), slots), c.form());
  }

  private static List<Integer> outer(List<Integer> outer, IntUnaryOperator slots) {
    return outer.stream().map(slots::applyAsInt).toList();
  }

  private static List<Term> terms(List<Term> terms, IntUnaryOperator slots) {
    List<Term> renamed = new ArrayList<>(terms.size());
    for (Term term : terms) {
      renamed.add(term instanceof Term.Variable v ? new Term.Variable(slots.applyAsInt(v.slot()), v.name()) : term);
    }
    return List.copyOf(renamed);
  }

  private static Binding binding(Binding binding, IntUnaryOperator slots) {
    if (binding instanceof Binding.Scalar scalar) {
      return new Binding.Scalar(slots.applyAsInt(scalar.slot()));
    }
    if (binding instanceof Binding.Tuple tuple) {
      return new Binding.Tuple(tuple.elements().stream().map(element -> binding(element, slots)).toList());
    }
    return binding instanceof Binding.Each each ? new Binding.Each(binding(each.element(), slots)) : binding;
  }
}
