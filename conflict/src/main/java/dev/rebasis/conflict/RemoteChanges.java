package dev.rebasis.conflict;

import dev.rebasis.data.Datom;
import java.util.List;
import java.util.Set;

/**
 * What others confirmed after the base of one intent. The base is the intent's basis T with the transactions of the
 * same client and a lower sequence number on top, as they were decided; those are never remote. An intent that takes a
 * transaction back is the exception: its base is the database as that transaction left it, and whatever came later is
 * remote to it, its own client's transactions among them.
 *
 * <p>On one {@code (e a)} (of cardinality many, on one {@code (e a v)}), only what others wrote after the newest write of the
 * same client on it counts: once an own
 * transaction was decided on top of a remote change, that meeting has been settled and recorded. The implementation
 * takes care of it, on the client for pending predecessors as well: where one of them writes {@code (e a)}, nothing
 * remote is left, for its write lands on top.
 *
 * <p>The client answers from its history, the server from Datomic's; both must answer alike.
 */
public interface RemoteChanges {
  /** No one else wrote anything. */
  RemoteChanges NONE = new RemoteChanges() {
    @Override
    public boolean isEmpty() {
      return true;
    }

    @Override
    public List<Datom> of(long e, long a) {
      return List.of();
    }

    @Override
    public List<Datom> of(long e) {
      return List.of();
    }

    @Override
    public List<Datom> ofValue(long a, Object v) {
      return List.of();
    }

    @Override
    public List<Object> baseValues(long e, long a) {
      throw new IllegalStateException("there is no remote change whose base could be asked for");
    }
  };

  /** True if nothing was confirmed by others after the base, so that no detection is needed. May be false wrongly. */
  boolean isEmpty();

  /** False only if others certainly confirmed nothing on the entity after the base. May be true wrongly. */
  default boolean mayConcern(long e) {
    return !isEmpty();
  }

  /**
   * The datoms, assertions and retractions, that others confirmed on {@code (e a)} after the base, by rising T.
   *
   * @param e a confirmed entity
   * @param a an attribute's id
   */
  List<Datom> of(long e, long a);

  /** The datoms that others confirmed on any attribute of the entity after the base, by rising T. */
  List<Datom> of(long e);

  /**
   * The datoms that others confirmed after the base with this value of a unique attribute or of a reference, on any
   * entity, by rising T: who gave up or claimed the value meanwhile, who began or ceased to refer to the entity.
   */
  List<Datom> ofValue(long a, Object v);

  /**
   * The entities on which others may have confirmed something about an attribute after the base; some of them wrongly.
   * Only a client is asked, for its premises. Costs the attribute's history.
   */
  default Set<Long> changedOn(long a) {
    throw new UnsupportedOperationException("nobody asks for the changes of a whole attribute here");
  }

  /** The values that {@code (e a)} had on the base, in order; empty if it had none. */
  List<Object> baseValues(long e, long a);
}
