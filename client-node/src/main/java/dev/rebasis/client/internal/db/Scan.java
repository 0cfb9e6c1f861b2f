package dev.rebasis.client.internal.db;

import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import java.util.Comparator;

/**
 * One walk over an index: where it begins, how far it goes, and which way. Immutable.
 *
 * @param range the datoms with some leading components; a walk begins at their first, backwards at their last, or where
 *     these would be
 * @param toEnd whether it goes on beyond the range to the end of the index, backwards to its begin
 * @param history whether it gives all datoms ever, retractions too, or the current ones
 * @param backwards the way
 */
public record Scan(Prefix range, boolean toEnd, boolean history, boolean backwards) {
  /** The current datoms of a range. */
  public static Scan of(Prefix range) {
    return new Scan(range, false, false, false);
  }

  /** The same walk over another range. */
  Scan over(Prefix other) {
    return new Scan(other, toEnd, history, backwards);
  }

  /** The same walk over all datoms ever, or over the current ones. */
  Scan ofHistory(boolean all) {
    return new Scan(range, toEnd, all, backwards);
  }

  /** The same walk over whole facts, whatever transaction is named. */
  public Scan ofFacts() {
    return over(range.ofFact());
  }

  /** Of what the walk over {@link #ofFacts} gives, or more than this one, what belongs to this one. */
  public Iterable<Datom> only(Iterable<Datom> facts) {
    return range.namesTransaction() ? AbstractDatabase.filtered(facts, this::meets) : facts;
  }

  private boolean meets(Datom datom) {
    return reaches(datom) && comparator().compare(datom, begin()) >= 0;
  }

  /** Which index. */
  public IndexOrder order() {
    return range.order();
  }

  /** Whether the walk may still give this datom; false once it has left the range. */
  public boolean reaches(Datom datom) {
    return toEnd || range.matches(datom);
  }

  /** Where the walk begins: no datom of it comes before that; null if it begins at the end of the index. */
  public Datom begin() {
    return range.length() == 0 ? null : backwards ? range.behind() : range.begin();
  }

  /** The order in which the datoms come; pending datoms after all confirmed ones. */
  Comparator<Datom> comparator() {
    Comparator<Datom> forwards = history ? TimeOrder.of(order()) : FactOrder.of(order());
    return backwards ? forwards.reversed() : forwards;
  }
}
