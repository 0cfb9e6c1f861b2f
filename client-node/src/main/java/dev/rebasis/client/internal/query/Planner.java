package dev.rebasis.client.internal.query;

import dev.rebasis.data.Attribute;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Plans one body: makes an item of each clause, orders them (see {@link PlanOrder}) for what is bound when the body
 * begins, and has the steps linked (see {@link StepLinks}). Confined to one evaluation: steps hold what they have read.
 */
final class Planner {
  private static final BitSet NONE = new BitSet();

  private final Body body;
  private final Inputs inputs;
  private final PlanContext context;
  private final TabledRules within;
  private final int depth;
  private final boolean single;
  private final BitSet results;
  private final BitSet constants = new BitSet();
  private final List<PlanItem> items = new ArrayList<>();
  private final Map<BitSet, Optional<PlanOrder.Order>> orders = new HashMap<>();
  private final EntityVariables entities;
  private final int frameSize;
  private final List<Explanation> explanations = new ArrayList<>(); // one for each chain that was made
  private boolean empty;

  /**
   * Makes the plan of a nested body.
   *
   * @param results slots of the variables that are visible outside
   * @param forms what these may hold
   * @param within the evaluation that this body is a rule of; null if it is none
   * @param depth how many bodies it stands in
   */
  Planner(
      Body body, Inputs inputs, PlanContext context, BitSet results, OtherForms forms, TabledRules within, int depth) {
    this(body, inputs, context, results, forms, within, depth, false);
  }

  private Planner(
      Body body, Inputs inputs, PlanContext context, BitSet results, OtherForms forms, TabledRules within, int depth,
      boolean single) {
    this.body = body;
    this.inputs = inputs;
    this.context = context;
    this.within = within;
    this.depth = depth;
    this.single = single;
    this.results = results;
    for (int slot = 0; slot < body.variables().size(); slot++) {
      constants.set(slot, inputs.isConstant(slot));
    }
    this.entities = EntityVariables.of(body, inputs, forms, context);
    this.frameSize = body.variables().size() + entities.second().size();
    makeItems();
    for (List<EntityVariables.Pair> lost = unbound(); !lost.isEmpty(); lost = unbound()) {
      entities.drop(lost);
      items.clear();
      makeItems();
    }
  }

  /** Those whose own slot is bound by nothing that does not need it: a call of a variable that only patterns bind. */
  private List<EntityVariables.Pair> unbound() {
    BitSet bound = (BitSet) constants.clone();
    if (!single) {
      bound.or(results); // perhaps outside
    }
    List<PlanItem> left = new ArrayList<>(items);
    while (!entities.second().isEmpty() && left.removeIf(item -> binds(item, bound))) {
      // Each item that can be done may make others possible.
    }
    return entities.second().keySet().stream().filter(pair -> !bound.get(pair.slot())).toList();
  }

  private static boolean binds(PlanItem item, BitSet bound) {
    BitSet missing = (BitSet) item.needs().clone();
    missing.andNot(bound);
    boolean possible = missing.isEmpty() && item.estimate(bound, 1) != null;
    if (possible) {
      bound.or(item.slots());
    }
    return possible;
  }

  /** The plan of a query. */
  static Planner of(Query query, Inputs inputs, PlanContext context) {
    BitSet results = new BitSet();
    query.find().elements().forEach(element -> results.set(element.slot()));
    query.with().forEach(results::set);
    return new Planner(query.body(), inputs, context, results, new OtherForms(), null, 0, true);
  }

  /** What was counted of each chain of steps that was made of this plan; empty if nobody wanted to know. */
  List<Explanation> explanations() {
    return explanations;
  }

  /** Whether it is certain before reading anything that there are no rows. */
  boolean isEmpty() {
    return empty;
  }

  /**
   * Whether it is certain that no row of results comes twice: all variables are among the results, and nothing makes the
   * same row of them again.
   */
  boolean givesEachRowOnce() {
    for (PlanItem item : items) {
      BitSet dropped = (BitSet) item.slots().clone();
      dropped.andNot(results);
      dropped.andNot(constants);
      if (!dropped.isEmpty() || !item.keepsRowsApart()) {
        return false;
      }
    }
    return true;
  }

  /** The steps of a query, with the collector at their end. */
  StepChain steps(Step end) {
    PlanOrder.Order order = order(NONE);
    if (order == null) {
      throw planOrder(NONE).obstacle();
    }
    return chain(order, NONE, end);
  }

  /**
   * The order that the context asks for, the cheapest or the one written, or null if there is none that binds all results.
   *
   * @param bound slots that are bound when the body begins, beside constants
   */
  PlanOrder.Order order(BitSet bound) {
    Optional<PlanOrder.Order> known = orders.get(bound);
    if (known == null) {
      known = Optional.ofNullable(isComplete(bound) ? found(planOrder(bound)) : null);
      orders.put((BitSet) bound.clone(), known);
    }
    return known.orElse(null);
  }

  private PlanOrder.Order found(PlanOrder order) {
    return switch (context.sequence()) {
      case CHEAPEST -> {
        PlanOrder.Order written = NumberForms.areMixed(body, inputs) ? order.asWrittenOrNull(false) : null;
        yield written != null ? written : order.cheapestOrNull();
      }
      case WRITTEN -> order.asWrittenOrNull(false);
      case PREDICATES_FIRST -> order.asWrittenOrNull(true);
    };
  }

  /** The steps for what is bound when the body begins. */
  StepChain chain(BitSet bound, Step end) {
    return chain(order(bound), bound, end);
  }

  /** Why there is no order for what is bound. */
  RuntimeException obstacle(BitSet bound) {
    if (isComplete(bound)) {
      return planOrder(bound).obstacle();
    }
    BitSet missing = (BitSet) results.clone();
    missing.andNot(bindable(bound));
    return QueryErrors.in(forms(), QueryErrors.INSUFFICIENT_BINDING,
        body.variables().get(missing.nextSetBit(0)) + " must be bound by these clauses or before them.");
  }

  private List<Object> forms() {
    return body.where().stream().map(Clause::form).toList();
  }

  private PlanOrder planOrder(BitSet bound) {
    return new PlanOrder(items, all(bound), single);
  }

  private BitSet all(BitSet bound) {
    BitSet all = (BitSet) constants.clone();
    all.or(bound);
    return all;
  }

  private boolean isComplete(BitSet bound) {
    BitSet missing = (BitSet) results.clone();
    missing.andNot(bindable(bound));
    return missing.isEmpty();
  }

  private BitSet bindable(BitSet bound) {
    BitSet bindable = all(bound);
    items.forEach(item -> bindable.or(item.slots()));
    return bindable;
  }

  // ---- items ----

  private void makeItems() {
    for (Inputs.Relation relation : inputs.relations()) {
      items.add(TableItem.of(relation, inputs, entities, frameSize));
    }
    for (Clause clause : body.where()) {
      if (!(clause instanceof Clause.Expression expression) || isAsked(expression)) {
        items.add(item(clause));
      }
    }
    entities.second().forEach((pair, second) -> {
      if (!isResolvedByInput(pair.slot())) {
        items.add(new ResolveItem(
            entities.meaning(pair, inputs), pair.slot(), second, body.variables().get(pair.slot())));
      }
    });
    empty |= inputs.empty();
  }

  private PlanItem item(Clause clause) {
    if (clause instanceof Clause.Pattern pattern) {
      return patternItem(pattern);
    }
    if (clause instanceof Clause.Expression expression) {
      return new ExpressionItem(expression, inputs);
    }
    if (clause instanceof Clause.Not not) {
      if (within != null) {
        RuleSet.forEachCall(not.body(), within::refuseInsideNot);
      }
      Junction junction = Junction.of(not, inputs);
      return new NotItem(junction, junction.planner(not.body(), inputs, entities, context, depth));
    }
    if (clause instanceof Clause.Or or) {
      return union(Junction.of(or, inputs).keeping(usedBeside(or)), or.branches());
    }
    return ruleItem((Clause.RuleCall) clause);
  }

  private PlanItem ruleItem(Clause.RuleCall call) {
    RuleSet.Rule rule = inputs.rules().find(call);
    Junction junction = Junction.of(call, inputs).keeping(usedBeside(call));
    if (within != null && within.evaluates(call, rule)) {
      return RuleItem.inside(within, rule, junction, entities);
    }
    if (inputs.rules().isRecursive(rule.name()) || depth >= TabledRules.INLINED_DEPTH_MAX || !context.takesIn(rule.branches().size())) {
      checkNames(rule, junction);
      TabledRules evaluation = context.tabled(rule, junction.insideWithoutConstants(inputs));
      return RuleItem.outside(evaluation, rule, junction, entities);
    }
    return union(junction, rule.branches());
  }

  /** Throws if an argument names no entity where the rule's patterns want one, as it does where a rule is put in place of its call. */
  private void checkNames(RuleSet.Rule rule, Junction junction) {
    for (Body branch : rule.branches()) {
      Inputs inside = junction.inside(branch, inputs);
      for (Clause clause : branch.where()) {
        if (clause instanceof Clause.Pattern pattern && inside.source(pattern.source(), pattern.form()) instanceof Source.Facts facts) {
          Places.of(pattern, facts, inside, Places.Slots.OWN);
        }
      }
    }
  }

  private PlanItem union(Junction junction, List<Body> branches) {
    List<Planner> planners = new ArrayList<>(branches.size());
    for (Body branch : branches) {
      planners.add(junction.planner(branch, inputs, entities, context, depth));
    }
    return new UnionItem(junction, planners, frameSize);
  }

  private PlanItem patternItem(Clause.Pattern pattern) {
    Source source = inputs.source(pattern.source(), pattern.form());
    if (source instanceof Source.Rows rows) {
      return TableItem.of(pattern, rows, inputs, frameSize);
    }
    Source.Facts facts = (Source.Facts) source;
    Places places = Places.of(pattern, facts, inputs, entities.slotsIn(pattern.source()));
    empty |= places.isImpossible();
    int value = places.slot(Places.V);
    if (places.attribute() != null && value >= 0) {
      places.within(ValueRange.of(body, inputs, value, places.attribute()));
    }
    return new PatternItem(places, facts.datoms(), context.statistics(), frameSize,
        places.attribute() != null && value >= 0 && !places.attribute().isRef() && isGivenOtherwise(value, places.attribute()));
  }

  /** Whether an input with several rows gives the variable values that are not of the attribute's type. */
  private boolean isGivenOtherwise(int slot, Attribute attribute) {
    for (Inputs.Relation relation : inputs.relations()) {
      for (int column = 0; column < relation.slots().length; column++) {
        if (relation.slots()[column] == slot) {
          for (Object[] row : relation.rows()) {
            if (row[column] != null && !attribute.valueType().javaType().isInstance(row[column])) {
              return true;
            }
          }
        }
      }
    }
    return false;
  }

  private boolean isResolvedByInput(int slot) {
    for (Inputs.Relation relation : inputs.relations()) {
      for (int column : relation.slots()) {
        if (column == slot) {
          return true;
        }
      }
    }
    return false;
  }

  // Datomic does not make a call on constants whose values nobody asks for; one on variables can take rows away.
  private boolean isAsked(Clause.Expression expression) {
    if (expression.output() == null || expression.arguments().stream().anyMatch(Term.Variable.class::isInstance)) {
      return true;
    }
    BitSet outputs = new BitSet();
    expression.output().forEachSlot(outputs::set);
    return outputs.intersects(usedBeside(expression));
  }

  /** The slots that something else than this clause asks for. */
  private BitSet usedBeside(Clause one) {
    BitSet elsewhere = (BitSet) results.clone();
    elsewhere.or(constants);
    for (Inputs.Relation relation : inputs.relations()) {
      for (int slot : relation.slots()) {
        elsewhere.set(slot);
      }
    }
    for (Clause clause : body.where()) {
      if (clause != one) {
        elsewhere.or(clause.slots());
      }
    }
    return elsewhere;
  }

  // ---- steps ----

  private StepChain chain(PlanOrder.Order order, BitSet boundBefore, Step end) {
    Explanation explanation = context.explanation();
    if (explanation != null) {
      explanations.add(explanation);
    }
    return new StepLinks(order.items(), results, constants, boundBefore, within != null).chain(context, explanation, frame(), end);
  }

  private Object[] frame() {
    Object[] frame = new Object[frameSize];
    for (int slot = constants.nextSetBit(0); slot >= 0; slot = constants.nextSetBit(slot + 1)) {
      frame[slot] = inputs.constants()[slot];
    }
    return frame;
  }
}
