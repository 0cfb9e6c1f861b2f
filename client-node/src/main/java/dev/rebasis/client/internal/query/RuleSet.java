package dev.rebasis.client.internal.query;

import dev.rebasis.data.Symbol;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** The rules of one {@code %}. Immutable; shared through the engine's cache. */
final class RuleSet {
  static final RuleSet EMPTY = new RuleSet(Map.of());

  /**
   * A rule: the rows of any of its branches. In each branch the arguments are the first variables, in order.
   *
   * @param arity how many arguments
   * @param required how many of them, from the first, must be bound before
   */
  record Rule(Symbol name, int arity, int required, List<Body> branches, Object form) {}

  private final Map<Symbol, Rule> rules;
  private final Map<Symbol, Set<Symbol>> reachable = new HashMap<>();

  RuleSet(Map<Symbol, Rule> rules) {
    this.rules = Map.copyOf(rules);
    rules.keySet().forEach(name -> reachable.put(name, reach(name)));
  }

  /** The rule that is called; throws if there is none, or it takes another number of arguments. */
  Rule find(Clause.RuleCall call) {
    Rule rule = rules.get(call.name());
    if (rule == null) {
      throw QueryErrors.in(call.form(), QueryErrors.INVALID_QUERY,
          "There is no rule '" + call.name() + "'; rules come in with % in :in.");
    }
    if (rule.arity != call.arguments().size()) {
      throw QueryErrors.in(call.form(), QueryErrors.INVALID_QUERY,
          "The rule '" + call.name() + "' takes " + rule.arity + " arguments.");
    }
    return rule;
  }

  /** Whether the rule calls itself, directly or through others. */
  boolean isRecursive(Symbol name) {
    return reachable.get(name).contains(name);
  }

  /** Whether each of two rules leads to the other, so that they must be evaluated together. */
  boolean isMutual(Symbol x, Symbol y) {
    return reachable.containsKey(y) && reachable.get(x).contains(y) && reachable.get(y).contains(x);
  }

  /** The rule and those that are mutually recursive with it. */
  Set<Rule> group(Rule rule) {
    Set<Rule> group = new HashSet<>(Set.of(rule));
    for (Rule other : rules.values()) {
      if (isMutual(rule.name, other.name)) {
        group.add(other);
      }
    }
    return group;
  }

  private Set<Symbol> reach(Symbol from) {
    Set<Symbol> seen = new HashSet<>();
    Deque<Symbol> open = new ArrayDeque<>(List.of(from));
    while (!open.isEmpty()) {
      Rule rule = rules.get(open.pop());
      if (rule != null) {
        rule.branches.forEach(branch -> forEachCall(branch, call -> {
          if (seen.add(call.name())) {
            open.push(call.name());
          }
        }));
      }
    }
    return seen;
  }

  /** Visits all calls of rules in a body, nested ones too. */
  static void forEachCall(Body body, Consumer<Clause.RuleCall> action) {
    for (Clause clause : body.where()) {
      if (clause instanceof Clause.RuleCall call) {
        action.accept(call);
      } else if (clause instanceof Clause.Not not) {
        forEachCall(not.body(), action);
      } else if (clause instanceof Clause.Or or) {
        or.branches().forEach(branch -> forEachCall(branch, action));
      }
    }
  }
}
