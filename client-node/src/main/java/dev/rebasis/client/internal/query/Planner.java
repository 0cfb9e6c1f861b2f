package dev.rebasis.client.internal.query;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Makes the chain of steps for one evaluation. Confined to it: steps hold what they have read.
 *
 * <p>Beside the order (see {@link PlanOrder}) it finds out which variables are still needed after each step. A step whose
 * variables nobody needs stops at its first match, and where variables fall out of use before further joins, a
 * {@link DistinctStep} keeps rows from multiplying.
 */
final class Planner {
  private final Query query;
  private final Inputs inputs;
  private final Statistics statistics;
  private final List<PlanItem> items = new ArrayList<>();
  private final BitSet constants = new BitSet();
  private final BitSet results = new BitSet();
  private int frameSize;
  private boolean empty;

  /**
   * A plan.
   *
   * @param first the first step
   * @param frame the frame to start with
   */
  record Plan(Step first, Object[] frame) {
    void run() {
      first.run(frame);
    }
  }

  Planner(Query query, Inputs inputs, Statistics statistics) {
    this.query = query;
    this.inputs = inputs;
    this.statistics = statistics;
    for (int slot = 0; slot < query.variables().size(); slot++) {
      constants.set(slot, inputs.isConstant(slot));
    }
    query.find().elements().forEach(element -> results.set(element.slot()));
    query.with().forEach(results::set);
    makeItems();
  }

  /** Whether it is certain before reading anything that there are no rows. */
  boolean isEmpty() {
    return empty;
  }

  /** The cheapest plan, with the collector at its end. */
  Plan cheapest(Collector collector) {
    return chain(new PlanOrder(items, constants).cheapest().items(), collector);
  }

  /** The plan in the order of the query's clauses. */
  Plan asWritten(Collector collector) {
    return chain(new PlanOrder(items, constants).asWritten().items(), collector);
  }

  private void makeItems() {
    EntityVariables entities = EntityVariables.of(query, inputs);
    frameSize = query.variables().size() + entities.second().size();
    for (Inputs.Relation relation : inputs.relations()) {
      items.add(TableItem.of(relation, inputs, entities, frameSize));
    }
    for (Clause clause : query.where()) {
      if (clause instanceof Clause.Pattern pattern) {
        items.add(patternItem(pattern, entities));
      } else if (clause instanceof Clause.Expression expression && isUsed(expression)) {
        items.add(new ExpressionItem(expression, inputs));
      }
    }
    entities.second().forEach((pair, second) -> {
      if (!isResolvedByInput(pair.slot())) {
        Source.Facts facts = (Source.Facts) inputs.source(pair.source(), query.form());
        items.add(new ResolveItem(facts.entities(), pair.slot(), second, query.variables().get(pair.slot())));
      }
    });
    empty |= inputs.empty();
  }

  private PlanItem patternItem(Clause.Pattern pattern, EntityVariables entities) {
    Source source = inputs.source(pattern.source(), pattern.form());
    if (source instanceof Source.Rows rows) {
      return TableItem.of(pattern, rows, inputs, frameSize);
    }
    Source.Facts facts = (Source.Facts) source;
    Places places = Places.of(pattern, facts, inputs, slot -> entities.entitySlot(pattern.source(), slot));
    empty |= places.isImpossible();
    int value = places.slot(Places.V);
    if (places.attribute() != null && value >= 0) {
      places.within(ValueRange.of(query, inputs, value, places.attribute()));
    }
    return new PatternItem(places, facts.datoms(), statistics, frameSize);
  }

  private boolean isResolvedByInput(int slot) {
    return inputs.relations().stream().anyMatch(r -> Arrays.stream(r.slots()).anyMatch(s -> s == slot));
  }

  // A call whose values nobody asks for is not made, as in Datomic.
  private boolean isUsed(Clause.Expression expression) {
    if (expression.output() == null) {
      return true;
    }
    BitSet elsewhere = (BitSet) results.clone();
    elsewhere.or(constants);
    for (Inputs.Relation relation : inputs.relations()) {
      for (int slot : relation.slots()) {
        elsewhere.set(slot);
      }
    }
    for (Clause clause : query.where()) {
      if (clause != expression) {
        addVariables(clause, elsewhere);
      }
    }
    BitSet outputs = new BitSet();
    expression.output().forEachSlot(outputs::set);
    return outputs.intersects(elsewhere);
  }

  private static void addVariables(Clause clause, BitSet slots) {
    List<Term> terms = clause instanceof Clause.Pattern pattern ? pattern.terms()
        : ((Clause.Expression) clause).arguments();
    for (Term term : terms) {
      if (term instanceof Term.Variable variable) {
        slots.set(variable.slot());
      }
    }
    if (clause instanceof Clause.Expression expression && expression.output() != null) {
      expression.output().forEachSlot(slots::set);
    }
  }

  private Plan chain(List<PlanOrder.Placed> order, Collector collector) {
    List<BitSet> neededAfter = neededAfter(order);
    List<Step> steps = new ArrayList<>();
    BitSet bound = (BitSet) constants.clone();
    for (int i = 0; i < order.size(); i++) {
      PlanOrder.Placed placed = order.get(i);
      BitSet fresh = (BitSet) placed.item().slots().clone();
      fresh.andNot(bound);
      BitSet used = (BitSet) fresh.clone();
      used.and(neededAfter.get(i));
      steps.add(placed.item().build(bound, placed.rowsBefore(), placed.first(), used.isEmpty()));
      boolean distinct = losesVariables(order, i, neededAfter, bound, fresh);
      bound.or(fresh);
      if (distinct) {
        BitSet live = (BitSet) bound.clone();
        live.and(neededAfter.get(i));
        live.andNot(constants);
        steps.add(new DistinctStep(live.stream().toArray()));
      }
    }
    steps.add(collector);
    for (int i = 1; i < steps.size(); i++) {
      steps.get(i - 1).then(steps.get(i));
    }
    return new Plan(steps.get(0), frame());
  }

  private Object[] frame() {
    Object[] frame = new Object[frameSize];
    for (int slot = constants.nextSetBit(0); slot >= 0; slot = constants.nextSetBit(slot + 1)) {
      frame[slot] = inputs.constants()[slot];
    }
    return frame;
  }

  private List<BitSet> neededAfter(List<PlanOrder.Placed> order) {
    List<BitSet> needed = new ArrayList<>(order.size());
    BitSet after = (BitSet) results.clone();
    for (int i = order.size() - 1; i >= 0; i--) {
      needed.add(0, (BitSet) after.clone());
      after.or(order.get(i).item().slots());
    }
    return needed;
  }

  /** Whether variables fall out of use here though joins follow, so that rows may repeat. */
  private boolean losesVariables(
      List<PlanOrder.Placed> order, int i, List<BitSet> neededAfter, BitSet boundBefore, BitSet fresh) {
    boolean joinsFollow = order.subList(i + 1, order.size()).stream().anyMatch(later -> !later.item().isImmediate());
    if (!joinsFollow || order.get(i).item().isImmediate()) {
      return false;
    }
    BitSet dropped = new BitSet();
    if (i > 0) {
      dropped.or(neededAfter.get(i - 1));
      dropped.and(boundBefore);
    }
    if (fresh.intersects(neededAfter.get(i))) {
      dropped.or(fresh);
    }
    dropped.andNot(neededAfter.get(i));
    dropped.andNot(constants);
    return !dropped.isEmpty();
  }
}
