package dev.rebasis.client.internal.query;

import dev.rebasis.data.Symbol;
import java.util.ArrayDeque;
import java.util.BitSet;
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
  private final Map<Symbol, BitSet> attributes = new HashMap<>();

  RuleSet(Map<Symbol, Rule> rules) {
    this.rules = Map.copyOf(rules);
    rules.keySet().forEach(name -> reachable.put(name, reach(name)));
    findAttributes();
  }

  /** The arguments that stand where a data pattern has its attribute, in the rule or in one that it hands them on to. */
  BitSet attributes(Rule rule) {
    return attributes.get(rule.name);
  }

  // What one round finds about a rule can tell more about its callers, so they are asked until nothing new comes.
  private void findAttributes() {
    rules.keySet().forEach(name -> attributes.put(name, new BitSet()));
    boolean more = true;
    while (more) {
      more = false;
      for (Rule rule : rules.values()) {
        BitSet found = new BitSet();
        rule.branches.forEach(branch -> found.or(attributes(branch)));
        found.clear(rule.arity, Math.max(rule.arity, found.length()));
        more |= !found.equals(attributes.put(rule.name, found));
      }
    }
  }

  /** The slots of a body's variables that stand for attributes; what a {@code not} makes of them is its own, see {@link Inputs}. */
  private BitSet attributes(Body body) {
    BitSet found = new BitSet();
    for (Clause clause : body.where()) {
      if (clause instanceof Clause.Pattern pattern && pattern.terms().size() > 1) {
        addSlot(pattern.terms().get(1), found);
      } else if (clause instanceof Clause.Or or) {
        for (Body branch : or.branches()) {
          attributes(branch).stream().filter(i -> i < or.outer().size()).forEach(i -> found.set(or.outer().get(i)));
        }
      } else if (clause instanceof Clause.RuleCall call && rules.containsKey(call.name())) {
        attributes.get(call.name()).stream().filter(i -> i < call.arguments().size())
            .forEach(i -> addSlot(call.arguments().get(i), found));
      }
    }
    return found;
  }

  private static void addSlot(Term term, BitSet slots) {
    if (term instanceof Term.Variable variable) {
      slots.set(variable.slot());
    }
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
