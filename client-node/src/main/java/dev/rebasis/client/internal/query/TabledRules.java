package dev.rebasis.client.internal.query;

import dev.rebasis.data.EntityId;
import dev.rebasis.data.Symbol;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Evaluates rules that call each other, from the bound arguments of a call to its answers, semi-naively.
 *
 * <p>The method is tabling with suspended calls (SLG resolution: Chen and Warren, "Tabled Evaluation with Delaying for
 * General Logic Programs", J. ACM 43, 1996), without negation inside a recursion. For each rule and set of bound
 * arguments there is a {@link RuleTable}; in it, for each combination of values of these arguments that was asked for,
 * an {@link RuleEntry} with the answers so far. A branch runs until it reaches a call inside the recursion. There its row
 * is kept with the entry that it asks, and goes on once for each answer that this entry has or will get. So only what
 * the call needs is computed, each answer meets each waiting row exactly once, and cycles end.
 *
 * <p>Where such a call stands last and hands its answers on unchanged, as in the usual way of writing "or further on",
 * nothing waits: the values that it asks with are run for the entry that is being computed itself. A path of n steps
 * then costs n answers instead of n squared.
 *
 * <p>Confined to one evaluation of a query. A call from outside ({@link #solve}) returns when nothing is left to do, so
 * the entry that it returns is complete.
 */
final class TabledRules {
  /** Calls of rules inside each other are put in place of the call up to here; beyond it they are tabled. */
  static final int INLINED_DEPTH_MAX = 6;
  /** So many calls are looked at with their constants before anything is asked. */
  private static final int CALLS_MAX = 200;

  private record Key(Symbol rule, BitSet bound, OtherForms forms, List<Object> fixed) {}

  /** A call of a rule, with its constants by position, and which of them are {@link Inputs#loose}. */
  record Call(Symbol rule, List<Object> constants, BitSet loose) {}

  private final Inputs inputs;
  private final PlanContext context;
  private final Map<Key, RuleTable> tables = new LinkedHashMap<>();
  /** The attributes that calls of a rule fix, by the rule's name. */
  private final Map<Symbol, Set<List<Object>>> noted = new HashMap<>();
  private final Deque<Runnable> agenda = new ArrayDeque<>();
  private RuleEntry current;
  private Symbol anyRule;

  /**
   * Makes it.
   *
   * @param inputs as the rules see them
   */
  TabledRules(Inputs inputs, PlanContext context) {
    this.inputs = inputs;
    this.context = context;
  }

  Inputs inputs() {
    return inputs;
  }

  PlanContext context() {
    return context;
  }

  /**
   * The table of a rule for certain bound arguments.
   *
   * @param forms what these may hold; not changed later
   * @param junction where the call meets the rule
   */
  RuleTable table(RuleSet.Rule rule, BitSet bound, OtherForms forms, Junction junction) {
    anyRule = rule.name();
    Object[] fixed = fixed(rule, junction);
    Key key = new Key(rule.name(), (BitSet) bound.clone(), forms, Arrays.asList(fixed));
    RuleTable known = tables.get(key);
    if (known == null) {
      known = new RuleTable(this, rule, key.bound, key.forms, fixed);
      tables.put(key, known);
    }
    return known;
  }

  /**
   * Looks at a call from outside, and at each that it leads to, once for each combination of constants: notes which attributes they fix,
   * and throws if a constant names an entity that is not there. Whether a row gets as far as the call must not matter, as it
   * does not where the rule is put in place of its call. After {@link #CALLS_MAX} calls each rule is looked at once more, whatever its constants.
   */
  void look(RuleSet.Rule rule, Junction junction) {
    Object[] fixed = junction.fixed();
    note(rule, junction);
    Set<Call> seen = new HashSet<>(Set.of(new Call(rule.name(), Arrays.asList(fixed), new BitSet())));
    rule.branches().forEach(branch -> look(branch, inputs.insideRule(branch, fixed, rule.form()), seen));
  }

  private void look(Body body, Inputs inside, Set<Call> seen) {
    for (Clause clause : body.where()) {
      if (clause instanceof Clause.Pattern pattern && inside.source(pattern.source(), pattern.form()) instanceof Source.Facts facts) {
        Places.of(pattern, facts, inside, Places.Slots.OWN);
      } else if (clause instanceof Clause.Or or) {
        Junction junction = Junction.of(or, inside);
        or.branches().forEach(branch -> look(branch, junction.inside(branch, inside), seen));
      } else if (clause instanceof Clause.Not not) {
        look(not.body(), Junction.of(not, inside).inside(not.body(), inside), seen);
      } else if (clause instanceof Clause.RuleCall call) {
        Junction junction = Junction.of(call, inside);
        RuleSet.Rule rule = inside.rules().find(call);
        // Combinations of constants can be exponentially many, each a level of this recursion.
        if (seen.add(seen.size() < CALLS_MAX ? junction.call(rule.name()) : new Call(rule.name(), List.of(), new BitSet()))) {
          note(rule, junction);
          rule.branches().forEach(branch -> look(branch, junction.inside(branch, inside), seen));
        }
      }
    }
  }

  private void note(RuleSet.Rule rule, Junction junction) {
    List<Object> fixed = Arrays.asList(attributes(rule, junction.fixed()));
    if (fixed.stream().anyMatch(attribute -> attribute != Inputs.NONE)) {
      noted.computeIfAbsent(rule.name(), name -> new LinkedHashSet<>()).add(fixed);
    }
  }

  /**
   * The attributes that are fixed for a call: those that it gives, and those that literals of it say again which another call fixes. The two
   * calls are one then, as in Datomic, so that a name beside the attribute is meant as there.
   */
  private Object[] fixed(RuleSet.Rule rule, Junction junction) {
    Object[] fixed = attributes(rule, junction.fixed());
    for (List<Object> others : noted.getOrDefault(rule.name(), Set.of())) {
      for (int i = 0; i < fixed.length && junction.says(others); i++) {
        fixed[i] = others.get(i) != Inputs.NONE ? others.get(i) : fixed[i];
      }
    }
    return fixed;
  }

  /**
   * Those of the constants that are an attribute where the rule has one, which tells how a name beside it is meant; {@link Inputs#NONE} for
   * the others. These are not fixed: a table for each entity that is asked for would have the calls inside, for other entities,
   * answered by another table, entity by entity.
   */
  private Object[] attributes(RuleSet.Rule rule, Object[] constants) {
    BitSet places = inputs.rules().attributes(rule);
    for (int i = 0; i < constants.length; i++) {
      if (constants[i] != Inputs.NONE && !(places.get(i) && mayNameAttribute(constants[i]))) {
        constants[i] = Inputs.NONE;
      }
    }
    return constants;
  }

  private boolean mayNameAttribute(Object constant) {
    if (!(constant instanceof Long) && !(constant instanceof EntityId)) {
      return true;
    }
    if (!(inputs.sources().get(Query.DEFAULT_SOURCE) instanceof Source.Facts facts)) {
      return false;
    }
    Long id = facts.entities().find(constant);
    return id != null && facts.datoms().schema().attribute(id) != null;
  }

  /** The bodies of all rules that were called, for each set of bound arguments. */
  List<Planner> planners() {
    List<Planner> all = new ArrayList<>();
    tables.values().forEach(table -> all.addAll(table.planners()));
    return all;
  }

  /** Whether a call in one of these rules is part of the recursion. */
  boolean evaluates(Clause.RuleCall call, RuleSet.Rule rule) {
    return call.source().equals(Query.DEFAULT_SOURCE)
        && (rule.name().equals(anyRule) || inputs.rules().isMutual(rule.name(), anyRule));
  }

  /** Throws if a call that stands inside a {@code not} is part of the recursion. */
  void refuseInsideNot(Clause.RuleCall call) {
    if (evaluates(call, inputs.rules().find(call))) {
      throw QueryErrors.in(call.form(), QueryErrors.UNSUPPORTED,
          "The rule '" + call.name() + "' depends on its own negation, which has no answer.");
    }
  }

  /** The complete answers for these arguments. */
  RuleEntry solve(RuleTable table, Object[] arguments) {
    RuleEntry entry = table.entry(arguments);
    while (!agenda.isEmpty()) {
      agenda.poll().run();
    }
    return entry;
  }

  /** Has something done later. */
  void schedule(Runnable task) {
    agenda.add(task);
  }

  /** The entry that the running steps compute. */
  RuleEntry current() {
    return current;
  }

  /** Says for which entry the steps that run now find answers. */
  void setCurrent(RuleEntry entry) {
    current = entry;
  }
}
