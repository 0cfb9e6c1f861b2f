package dev.rebasis.conflict;

import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Schema;

/**
 * Read access to one immutable database value: what an intent is expanded against. The client implements it over its
 * index and the pending overlay, the server over Datomic. Implementations give the same answers for ever.
 */
public interface FactView {
  /** The schema of this database value, never null. */
  Schema schema();

  /**
   * The current datoms whose leading components equal the given ones, in the order's own order, lazily.
   *
   * @param order which index; {@link IndexOrder#AVET} holds only attributes with
   *     {@link dev.rebasis.data.Attribute#isInAvet()}, {@link IndexOrder#VAET} only references
   * @param components one to three leading components of the order: entity and attribute ids as {@code Long}
   *     (negative for local ones), values in their normal form
   * @return an iterable that may be iterated more than once
   */
  Iterable<Datom> datoms(IndexOrder order, Object... components);

  /**
   * All facts that stand, also those that this value leaves out because it is a view of them. As in Datomic an intent reads the
   * view (lookup refs, what {@code :db/cas} finds, what an entity has), and what it writes is compared with this: whether a fact
   * stands, which one it replaces, who holds a unique value.
   */
  default FactView whole() {
    return this;
  }
}
