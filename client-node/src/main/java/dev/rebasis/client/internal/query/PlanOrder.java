package dev.rebasis.client.internal.query;

import dev.rebasis.client.QueryException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the order of a plan's items. Calls and predicates go as early as their arguments are bound, in the order written.
 * The others are ordered greedily, each time the one that costs least and leaves the fewest rows; this is tried with each
 * item as the first, and the order that is cheapest altogether wins. Equal costs are decided by the items' text, so that
 * the order in which a query was written has no influence. Confined to one plan.
 *
 * <p>Cost: the cube of the number of patterns, in steps of some ten nanoseconds, once the statistics are known. Of more
 * than {@link #STARTS_MAX} patterns only those that cost least as the first are tried there.
 */
final class PlanOrder {
  private static final int STARTS_MAX = 12;
  private static final double COST_OF_ROW_LEFT = 1;
  private static final double ROWS_MIN = 0.01;

  /** An item in its place. */
  record Placed(PlanItem item, double rowsBefore, double rowsAfter, boolean first) {}

  /**
   * An order.
   *
   * @param rows how many there are at the end
   */
  record Order(List<Placed> items, double cost, double rows) {}

  private final List<PlanItem> written;
  private final List<PlanItem> immediate = new ArrayList<>();
  private final List<PlanItem> joins = new ArrayList<>();
  private final BitSet bound;
  private final boolean single;

  /**
   * Prepares.
   *
   * @param items in the order written
   * @param bound slots that are bound from the start
   * @param single whether it is run once, so that there is exactly one row at the start
   */
  PlanOrder(List<PlanItem> items, BitSet bound, boolean single) {
    this.written = items;
    this.bound = bound;
    this.single = single;
    items.forEach(item -> (item.isImmediate() ? immediate : joins).add(item));
  }

  /** The cheapest order found, or null if none is possible. */
  Order cheapestOrNull() {
    Order best = null;
    if (joins.size() > 1) {
      for (PlanItem start : starts()) {
        Order order = new Attempt().from(start);
        if (order != null && (best == null || order.cost < best.cost)) {
          best = order;
        }
      }
    }
    return best != null ? best : new Attempt().from(null);
  }

  /** All joins, or of many those that cost least as the first: not those that happen to be written first. */
  private List<PlanItem> starts() {
    if (joins.size() <= STARTS_MAX) {
      return joins;
    }
    Attempt begun = new Attempt();
    begun.placeImmediate();
    List<PlanItem> cheapest = new ArrayList<>(joins);
    Map<PlanItem, Double> costs = new IdentityHashMap<>();
    joins.forEach(item -> costs.put(item, begun.cost(item)));
    cheapest.sort(Comparator.<PlanItem>comparingDouble(costs::get).thenComparing(item -> QueryErrors.text(item.form())));
    return cheapest.subList(0, STARTS_MAX);
  }

  /**
   * The order written, calls and predicates too, as far as it is possible; null if none is.
   *
   * @param predicatesFirst whether predicates come before calls that give values
   */
  Order asWrittenOrNull(boolean predicatesFirst) {
    return new Attempt().asWritten(predicatesFirst);
  }

  /** Why no order is possible, when none is. */
  QueryException obstacle() {
    Attempt attempt = new Attempt();
    attempt.asWritten(false);
    return attempt.obstacle();
  }

  /** One order in the making. */
  private final class Attempt {
    private final BitSet bound = (BitSet) PlanOrder.this.bound.clone();
    private final List<PlanItem> immediateLeft = new ArrayList<>(immediate);
    private final List<PlanItem> joinsLeft = new ArrayList<>(joins);
    private final List<Placed> order = new ArrayList<>();
    private double rows = 1;
    private double cost;
    private boolean nothingYet = single;

    /** The order that begins with an item, with null the best one; null if it is not possible. */
    Order from(PlanItem start) {
      placeImmediate();
      PlanItem next = start;
      while (!joinsLeft.isEmpty()) {
        next = next == null ? next() : next;
        if (next == null || next.estimate(bound, rows) == null) {
          return null;
        }
        placeJoin(next);
        next = null;
      }
      return immediateLeft.isEmpty() ? new Order(order, cost, rows) : null;
    }

    /** Each time the first one written that is possible, and of those that are the last resort none before; null if that is none. */
    Order asWritten(boolean predicatesFirst) {
      List<PlanItem> left = new ArrayList<>(written);
      while (!left.isEmpty()) {
        PlanItem next = firstOf(left);
        if (next == null) {
          return null;
        }
        if (predicatesFirst && next.isImmediate() && !next.isPredicate()) {
          next = left.stream().filter(item -> item.isPredicate() && isPossible(item)).findFirst().orElse(next);
        }
        left.remove(next);
        place(next, next.estimate(bound, rows));
        if (next.isImmediate()) {
          immediateLeft.remove(next);
        } else {
          joinsLeft.remove(next);
          nothingYet = false;
        }
      }
      return new Order(order, cost, rows);
    }

    private PlanItem firstOf(List<PlanItem> left) {
      PlanItem lastResort = null;
      for (PlanItem item : left) {
        if (isPossible(item)) {
          if (!item.estimate(bound, rows).isLastResort()) {
            return item;
          }
          lastResort = lastResort == null ? item : lastResort;
        }
      }
      return lastResort;
    }

    private boolean isPossible(PlanItem item) {
      return item.isImmediate() ? isReady(item) : item.estimate(bound, rows) != null;
    }

    QueryException obstacle() {
      return joinsLeft.isEmpty() ? unbound(immediateLeft.get(0)) : fullScan(joinsLeft.get(0));
    }

    private void placeImmediate() {
      boolean placed = true;
      while (placed) {
        placed = false;
        for (PlanItem item : List.copyOf(immediateLeft)) {
          if (isReady(item)) {
            immediateLeft.remove(item);
            place(item, item.estimate(bound, rows));
            placed = true;
          }
        }
      }
    }

    private boolean isReady(PlanItem item) {
      BitSet missing = (BitSet) item.needs().clone();
      missing.andNot(bound);
      return missing.isEmpty();
    }

    private void placeJoin(PlanItem item) {
      joinsLeft.remove(item);
      place(item, item.estimate(bound, rows));
      nothingYet = false;
      placeImmediate();
    }

    private void place(PlanItem item, PlanItem.Estimate estimate) {
      order.add(new Placed(item, rows, estimate.rows(), nothingYet));
      cost += estimate.cost();
      rows = Math.max(ROWS_MIN, estimate.rows());
      bound.or(item.slots());
      // A call that makes several rows counts as something that has made rows.
      nothingYet &= item.isImmediate() && estimate.rows() <= 1;
    }

    /** What an item costs as the next one; infinite if it cannot be. */
    double cost(PlanItem item) {
      PlanItem.Estimate estimate = item.estimate(bound, rows);
      return estimate == null ? Double.POSITIVE_INFINITY : withRowsLeft(estimate);
    }

    private PlanItem next() {
      PlanItem best = null;
      double bestCost = Double.POSITIVE_INFINITY;
      for (PlanItem item : joinsLeft) {
        PlanItem.Estimate estimate = item.estimate(bound, rows);
        if (estimate == null) {
          continue;
        }
        double candidate = withRowsLeft(estimate);
        if (candidate < bestCost || candidate == bestCost && isBefore(item, best)) {
          best = item;
          bestCost = candidate;
        }
      }
      return best;
    }
  }

  private static double withRowsLeft(PlanItem.Estimate estimate) {
    return estimate.cost() + estimate.rows() * COST_OF_ROW_LEFT;
  }

  private static boolean isBefore(PlanItem x, PlanItem y) {
    return y == null || QueryErrors.text(x.form()).compareTo(QueryErrors.text(y.form())) < 0;
  }

  private QueryException fullScan(PlanItem item) {
    BitSet missing = (BitSet) item.needs().clone();
    missing.andNot(bound);
    return QueryErrors.in(item.form(), QueryErrors.INSUFFICIENT_BINDING, missing.isEmpty()
        ? "Nothing that is known leads to the facts of this clause; it would read the whole database. Give it an"
            + " attribute, an entity or a referenced entity."
        : "A variable of this clause must be bound before, and is bound by no other clause and no input.");
  }

  private QueryException unbound(PlanItem item) {
    return QueryErrors.in(item.form(), QueryErrors.INSUFFICIENT_BINDING,
        "A variable that this clause only uses is bound by no other clause and no input.");
  }
}
