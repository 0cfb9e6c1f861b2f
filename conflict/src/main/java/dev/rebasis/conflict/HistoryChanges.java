package dev.rebasis.conflict;

import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Values;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongPredicate;
import java.util.function.ToLongFunction;

/**
 * Remote changes read from a history of datoms. Client and server both use it, each over its own history, so that
 * they answer alike. Reads lazily; confined to the decision that it was made for.
 *
 * <p>For one {@code (e a)} the base is the state after the newest transaction of the intent's own client on it, if
 * there is one after the basis T, else the state as of the basis T; what others confirmed later is remote. The reason:
 * once an own transaction was decided on top of a remote change, that meeting has been settled and recorded, and must
 * not be settled a second time. The values of cardinality many have each a base of their own, {@code (e a v)}: who adds one
 * to a set has settled nothing about another.
 */
public final class HistoryChanges implements RemoteChanges {
  private static final Comparator<Datom> BY_T =
      Comparator.comparingLong(Datom::tx).thenComparing(Datom::added);

  /** Every confirmed datom, assertions and retractions, in any order. */
  public interface History {
    /** All datoms ever of one attribute on one entity. */
    Iterable<Datom> of(long e, long a);

    /** All datoms ever of one entity. */
    Iterable<Datom> of(long e);

    /** All datoms ever with this value of a unique attribute, or of a reference. */
    Iterable<Datom> ofValue(long a, Object v);

    /** All datoms ever of one attribute; asked only for {@link HistoryChanges#changedOn}. */
    default Iterable<Datom> ofAttribute(long a) {
      throw new UnsupportedOperationException("nobody asks for the history of a whole attribute here");
    }

    /** Whether the attribute has cardinality many. */
    boolean isMany(long a);

    /** False only if the entity has certainly no datom after the T: then its history is not asked for. */
    default boolean mayHaveChanged(long e, long sinceT) {
      return true;
    }

    /** False only if there is certainly no datom with this value, of a unique attribute or of a reference, after the T. */
    default boolean mayHaveChanged(long a, Object v, long sinceT) {
      return true;
    }
  }

  /** Stands for all values of an attribute with one. */
  private static final Object ALL = new Object();

  private final History history;
  private final long basisT;
  private final LongPredicate ownTx;
  private final boolean empty;

  /**
   * Makes the changes after one intent's base.
   *
   * @param history the confirmed history up to the value that the intent is decided on
   * @param basisT the intent's basis T
   * @param ownTx whether a transaction (its entity id) was made by the intent's own client; asked only for those after
   *     the basis T
   * @param empty true if it is known that no one else confirmed anything after the basis T
   */
  public HistoryChanges(History history, long basisT, LongPredicate ownTx, boolean empty) {
    this.history = history;
    this.basisT = basisT;
    this.ownTx = ownTx;
    this.empty = empty;
  }

  @Override
  public boolean isEmpty() {
    return empty;
  }

  @Override
  public boolean mayConcern(long e) {
    return !empty && !EntityIds.isLocal(e) && history.mayHaveChanged(e, basisT);
  }

  @Override
  public List<Datom> of(long e, long a) {
    if (!mayConcern(e)) {
      return List.of();
    }
    return remote(byT(history.of(e, a)));
  }

  @Override
  public List<Datom> of(long e) {
    if (!mayConcern(e)) {
      return List.of();
    }
    Map<Long, List<Datom>> byAttribute = new HashMap<>();
    for (Datom datom : history.of(e)) {
      byAttribute.computeIfAbsent(datom.a(), a -> new ArrayList<>()).add(datom);
    }
    List<Datom> all = new ArrayList<>();
    for (List<Datom> datoms : byAttribute.values()) {
      datoms.sort(BY_T);
      all.addAll(remote(datoms));
    }
    all.sort(BY_T.thenComparingLong(Datom::a).thenComparing(Datom::v, Values::compare));
    return all;
  }

  @Override
  public List<Datom> ofValue(long a, Object v) {
    if (empty || !history.mayHaveChanged(a, v, basisT)) {
      return List.of();
    }
    Set<Long> holders = new LinkedHashSet<>();
    for (Datom datom : history.ofValue(a, v)) {
      if (datom.t() > basisT) {
        holders.add(datom.e());
      }
    }
    List<Datom> all = new ArrayList<>();
    for (long e : holders) {
      for (Datom datom : of(e, a)) {
        if (datom.v().equals(v)) {
          all.add(datom);
        }
      }
    }
    all.sort(BY_T.thenComparingLong(Datom::e));
    return all;
  }

  @Override
  public Set<Long> changedOn(long a) {
    Set<Long> changed = new TreeSet<>();
    for (Datom datom : history.ofAttribute(a)) {
      if (datom.t() > basisT) {
        changed.add(datom.e());
      }
    }
    return changed;
  }

  @Override
  public List<Object> baseValues(long e, long a) {
    if (EntityIds.isLocal(e)) {
      return List.of();
    }
    List<Datom> datoms = byT(history.of(e, a));
    ToLongFunction<Datom> base = baseT(datoms);
    List<Object> values = new ArrayList<>();
    for (Datom datom : datoms) {
      if (datom.t() <= base.applyAsLong(datom)) {
        // BY_T puts the retractions of one transaction before its assertions.
        values.remove(datom.v());
        if (datom.added()) {
          values.add(datom.v());
        }
      }
    }
    values.sort(Values::compare);
    return values;
  }

  private List<Datom> remote(List<Datom> datoms) {
    ToLongFunction<Datom> base = baseT(datoms);
    List<Datom> after = new ArrayList<>();
    for (Datom datom : datoms) {
      if (datom.t() > base.applyAsLong(datom)) {
        after.add(datom);
      }
    }
    return after;
  }

  /** For the datoms of one {@code (e a)} the T of the newest own transaction among them (or on the value), or the basis T. */
  private ToLongFunction<Datom> baseT(List<Datom> datoms) {
    Map<Object, Long> own = new HashMap<>();
    boolean many = !datoms.isEmpty() && history.isMany(datoms.get(0).a());
    for (int i = datoms.size() - 1; i >= 0 && datoms.get(i).t() > basisT; i--) {
      Datom datom = datoms.get(i);
      Object place = many ? datom.v() : ALL;
      if (!own.containsKey(place) && ownTx.test(datom.tx())) {
        own.put(place, datom.t());
      }
    }
    return datom -> own.getOrDefault(many ? datom.v() : ALL, basisT);
  }

  private static List<Datom> byT(Iterable<Datom> datoms) {
    List<Datom> sorted = new ArrayList<>();
    datoms.forEach(sorted::add);
    sorted.sort(BY_T);
    return sorted;
  }
}
