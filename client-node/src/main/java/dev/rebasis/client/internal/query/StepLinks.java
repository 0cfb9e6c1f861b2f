package dev.rebasis.client.internal.query;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Links the steps of a plan whose order is found. Confined to one plan.
 *
 * <p>It finds out which variables are still needed after each step. A step whose variables nobody needs stops at its first match,
 * and where variables fall out of use before further joins, a {@link DistinctStep} keeps rows from multiplying.
 */
final class StepLinks {
  private final List<PlanOrder.Placed> placed;
  private final BitSet constants;
  private final BitSet bound;
  private final boolean inRule;
  private final List<BitSet> neededAfter;

  /**
   * Prepares.
   *
   * @param results slots of the variables that are visible outside
   * @param constants slots that are bound for the whole evaluation
   * @param boundBefore slots that are bound when the steps begin, beside constants
   * @param inRule whether they are those of a rule that is evaluated with others
   */
  StepLinks(List<PlanOrder.Placed> placed, BitSet results, BitSet constants, BitSet boundBefore, boolean inRule) {
    this.placed = placed;
    this.constants = constants;
    this.bound = (BitSet) constants.clone();
    this.bound.or(boundBefore);
    this.inRule = inRule;
    this.neededAfter = neededAfter(placed, results, boundBefore);
  }

  private static List<BitSet> neededAfter(List<PlanOrder.Placed> order, BitSet results, BitSet bound) {
    List<BitSet> needed = new ArrayList<>(order.size());
    BitSet after = (BitSet) results.clone();
    after.andNot(bound);
    for (int i = order.size() - 1; i >= 0; i--) {
      needed.add(0, (BitSet) after.clone());
      after.or(order.get(i).item().slots());
    }
    return needed;
  }

  /**
   * The steps. Once only.
   *
   * @param explanation counts the rows; null if nobody wants to know
   * @param frame to begin with, constants filled in
   */
  StepChain chain(PlanContext context, Explanation explanation, Object[] frame, Step end) {
    List<Step> steps = new ArrayList<>();
    if (explanation != null) {
      steps.add(explanation.before());
    }
    List<DistinctStep> remembering = new ArrayList<>();
    for (int i = 0; i < placed.size(); i++) {
      PlanOrder.Placed next = placed.get(i);
      BitSet fresh = (BitSet) next.item().slots().clone();
      fresh.andNot(bound);
      BitSet used = (BitSet) fresh.clone();
      used.and(neededAfter.get(i));
      steps.add(next.item().build(bound, next.rowsBefore(), next.first(), used.isEmpty()));
      boolean distinct = losesVariables(i, fresh);
      if (explanation != null) {
        steps.add(explanation.after(next, bound));
      }
      StopStep stop = context.stop();
      if (stop != null) {
        steps.add(stop);
      }
      bound.or(fresh);
      if (distinct) {
        DistinctStep step = distinct(neededAfter.get(i));
        remembering.add(step);
        steps.add(step);
      }
    }
    steps.add(end);
    // From the end, since a step may look at what follows the one behind it.
    for (int i = steps.size() - 1; i > 0; i--) {
      steps.get(i - 1).then(steps.get(i));
    }
    return new StepChain(steps.get(0), frame, remembering);
  }

  private DistinctStep distinct(BitSet needed) {
    BitSet live = (BitSet) bound.clone();
    live.and(needed);
    live.andNot(constants);
    return new DistinctStep(live.stream().toArray());
  }

  /** Whether variables fall out of use behind a step though joins follow, so that rows may repeat. */
  private boolean losesVariables(int i, BitSet fresh) {
    // Steps of a rule hold rows back and go on later, when the rows have another meaning.
    if (inRule) {
      return false;
    }
    boolean joinsFollow = placed.subList(i + 1, placed.size()).stream().anyMatch(later -> !later.item().isImmediate());
    if (!joinsFollow || placed.get(i).item().isImmediate()) {
      return false;
    }
    BitSet dropped = new BitSet();
    if (i > 0) {
      dropped.or(neededAfter.get(i - 1));
      dropped.and(bound);
    }
    if (fresh.intersects(neededAfter.get(i))) {
      dropped.or(fresh);
    }
    dropped.andNot(neededAfter.get(i));
    dropped.andNot(constants);
    return !dropped.isEmpty();
  }
}
