package dev.rebasis.client.internal.db;

import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Schema;

/**
 * Where current datoms are read from: a snapshot of the confirmed index, or one with pending transactions merged in.
 * Implementations give the same answers for ever and may be shared by threads.
 *
 * <p>Components are given in the order's own order: entity and attribute ids as {@code Long} (negative for local ones),
 * values in their normal form.
 */
public interface DatomSource {
  /** The schema of this value, never null. */
  Schema schema();

  /**
   * The current datoms whose leading components equal the given ones, lazily, in the order of the index.
   *
   * @param order which index; {@link IndexOrder#AVET} holds only attributes with
   *     {@link dev.rebasis.data.Attribute#isInAvet()}, {@link IndexOrder#VAET} only references
   * @param components none to four leading components
   * @return an iterable that may be iterated more than once
   */
  Iterable<Datom> datoms(IndexOrder order, Object... components);

  /** The current datoms from the given components on to the end of the index, lazily. */
  Iterable<Datom> seek(IndexOrder order, Object... components);

  /**
   * A cheap upper estimate of how many datoms {@link #datoms} gives for the same arguments; never negative. A query
   * planner asks it often: it must cost no more than a few look-ups.
   */
  long estimate(IndexOrder order, Object... components);

  /** The facts without what a view leaves out, for a planner that wants to know how they are spread: it reads the begin of an index only. */
  default DatomSource unfiltered() {
    return this;
  }

  /** Whether it is certain that no two datoms here have the same entity, attribute and value. */
  default boolean hasEachFactOnce() {
    return false;
  }
}
