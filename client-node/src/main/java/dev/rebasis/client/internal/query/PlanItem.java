package dev.rebasis.client.internal.query;

import java.util.BitSet;
import java.util.List;

/** One thing that a plan has to put in order: a pattern, a table, a call. Immutable. */
interface PlanItem {
  /**
   * What doing an item next would cost.
   *
   * @param cost in units of about a microsecond
   * @param rows how many rows there are afterwards
   */
  record Estimate(double cost, double rows) {
    /** What costs so much, about a quarter of an hour, is done when nothing else is left to do. */
    static final double LAST_RESORT = 1e9;

    boolean isLastResort() {
      return cost >= LAST_RESORT;
    }
  }

  /** What it stands for in the query; for messages. */
  Object form();

  /** How its rows are found when these slots are bound, in a word or two. */
  default String way(BitSet bound) {
    return "";
  }

  /** The bodies that are nested in it: branches, what is negated, a rule's. */
  default List<Planner> bodies() {
    return List.of();
  }

  /** The slots that it binds or compares. */
  BitSet slots();

  /** The slots that must be bound before it; none unless it says so. */
  default BitSet needs() {
    return new BitSet();
  }

  /** Whether it only filters or computes, so that it is done as soon as it can be. */
  default boolean isImmediate() {
    return false;
  }

  /** Whether it is a call that only lets rows pass or not. */
  default boolean isPredicate() {
    return false;
  }

  /** Whether it is certain that rows that differ before it lead to rows that differ in {@link #slots} behind it. */
  default boolean keepsRowsApart() {
    return false;
  }

  /**
   * What it would cost now.
   *
   * @param bound slots bound so far
   * @param rows rows so far
   * @return null if it cannot be done now
   */
  Estimate estimate(BitSet bound, double rows);

  /**
   * Makes the step.
   *
   * @param bound slots bound so far
   * @param rows rows expected so far
   * @param first whether nothing has made rows before, so that there is exactly one
   * @param onlyExists whether nothing that it binds is used later
   */
  Step build(BitSet bound, double rows, boolean first, boolean onlyExists);
}
