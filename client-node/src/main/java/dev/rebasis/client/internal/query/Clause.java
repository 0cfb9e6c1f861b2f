package dev.rebasis.client.internal.query;

import dev.rebasis.data.Symbol;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntConsumer;

/** One clause of {@code :where}. Immutable. */
sealed interface Clause {
  /** As the author wrote it; for messages. */
  Object form();

  /**
   * A data pattern, {@code [?e :order/number ?n]}.
   *
   * @param source the data source's name, {@code $} if none was written
   * @param terms one to five for a database, any number for a collection
   */
  record Pattern(Symbol source, List<Term> terms, Object form) implements Clause {}

  /**
   * A call: {@code [(< ?x 5)]} or {@code [(+ ?x 1) ?y]}.
   *
   * @param body what it calls
   * @param output null for a predicate
   */
  record Expression(Symbol function, Functions.Body body, List<Term> arguments, Binding output, Object form)
      implements Clause {}

  /**
   * {@code not} or {@code not-join}: the row goes if the body has a match.
   *
   * @param source what {@code $} is inside
   * @param outer the slots, outside, of the variables that are shared; inside they are the first ones, in this order
   */
  record Not(Symbol source, Body body, List<Integer> outer, Object form) implements Clause {}

  /**
   * {@code or} or {@code or-join}: the rows of any of the branches.
   *
   * @param source what {@code $} is inside
   * @param outer the slots, outside, of the variables that are shared; inside they are the first ones, in this order
   * @param required how many of them, from the first, must be bound before
   */
  record Or(Symbol source, List<Body> branches, List<Integer> outer, int required, Object form) implements Clause {}

  /**
   * A call of a rule, {@code (ancestor ?x ?y)}.
   *
   * @param source what {@code $} is in the rule
   * @param arguments variables, constants and blanks
   */
  record RuleCall(Symbol source, Symbol name, List<Term> arguments, Object form) implements Clause {}

  /** Visits the slots of the variables that it shares with other clauses, in order, repeated ones repeatedly. */
  default void forEachSlot(IntConsumer action) {
    if (this instanceof Pattern pattern) {
      variables(pattern.terms, action);
    } else if (this instanceof Expression expression) {
      variables(expression.arguments, action);
      if (expression.output != null) {
        expression.output.forEachSlot(action);
      }
    } else if (this instanceof Not not) {
      not.outer.forEach(action::accept);
    } else if (this instanceof Or or) {
      or.outer.forEach(action::accept);
    } else if (this instanceof RuleCall call) {
      variables(call.arguments, action);
    }
  }

  /** Visits the slots of the variables that it can bind. */
  default void forEachBound(IntConsumer action) {
    if (this instanceof Expression expression) {
      if (expression.output != null) {
        expression.output.forEachSlot(action);
      }
    } else if (!(this instanceof Not)) {
      forEachSlot(action);
    }
  }

  /** The slots of {@link #forEachSlot}. */
  default BitSet slots() {
    BitSet slots = new BitSet();
    forEachSlot(slots::set);
    return slots;
  }

  private static void variables(List<Term> terms, IntConsumer action) {
    for (Term term : terms) {
      if (term instanceof Term.Variable variable) {
        action.accept(variable.slot());
      }
    }
  }
}
