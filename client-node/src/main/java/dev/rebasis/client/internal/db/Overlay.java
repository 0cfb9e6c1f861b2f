package dev.rebasis.client.internal.db;

import dev.rebasis.conflict.FootprintKey;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Schema;
import dev.rebasis.data.SystemIds;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.ListIterator;
import java.util.Set;
import java.util.function.LongPredicate;

/**
 * What pending transactions change in the confirmed datoms. Immutable; threads may share it.
 *
 * <p>For each fact {@code [e a v]} that a pending transaction asserted or retracted it keeps the operations, newest on
 * top. A fact that is in the overlay hides the confirmed datom of the same fact: it is current if and only if its
 * newest operation is an assertion. So the overlay needs no look at the confirmed datoms, and stays right when these
 * move on below it.
 *
 * <p>Invariant: the four orders hold the same facts, except that VAET holds only references. Applying or reverting one
 * datom costs one path in each order (see {@link PersistentSortedSet}), whatever the number of pending transactions.
 */
public final class Overlay {
  private static final int COUNTED_MAX = 64;

  /** No pending change. */
  public static final Overlay EMPTY = new Overlay(
      empty(IndexOrder.EAVT), empty(IndexOrder.AEVT), empty(IndexOrder.AVET), empty(IndexOrder.VAET),
      empty(IndexOrder.EAVT));

  /**
   * A fact with its pending operations.
   *
   * @param last the newest operation
   * @param below the operations before it, or null
   */
  record Fact(Datom last, Fact below) {
    static Fact probe(Datom datom) {
      return new Fact(datom, null);
    }

    boolean isCurrent() {
      return last.added();
    }

    // Loops, not recursion: a queue may toggle one fact tens of thousands of times.
    void addTo(List<Datom> operations) {
      int begin = operations.size();
      for (Fact fact = this; fact != null; fact = fact.below()) {
        operations.add(fact.last());
      }
      Collections.reverse(operations.subList(begin, operations.size()));
    }

    /** Without the operation of this transaction; null if no other is left. */
    Fact without(Datom operation) {
      ArrayDeque<Datom> above = new ArrayDeque<>();
      Fact fact = this;
      while (fact.last().tx() != operation.tx() || fact.last().added() != operation.added()) {
        above.push(fact.last());
        fact = fact.below();
        if (fact == null) {
          throw new IllegalStateException("Not in the overlay, so it cannot be reverted: " + operation);
        }
      }
      Fact rest = fact.below();
      for (Datom later : above) {
        rest = new Fact(later, rest);
      }
      return rest;
    }
  }

  private final PersistentSortedSet<Fact> eavt;
  private final PersistentSortedSet<Fact> aevt;
  private final PersistentSortedSet<Fact> avet;
  private final PersistentSortedSet<Fact> vaet;
  private final PersistentSortedSet<Fact> schemaFacts;

  private Overlay(
      PersistentSortedSet<Fact> eavt,
      PersistentSortedSet<Fact> aevt,
      PersistentSortedSet<Fact> avet,
      PersistentSortedSet<Fact> vaet,
      PersistentSortedSet<Fact> schemaFacts) {
    this.eavt = eavt;
    this.aevt = aevt;
    this.avet = avet;
    this.vaet = vaet;
    this.schemaFacts = schemaFacts;
  }

  private static PersistentSortedSet<Fact> empty(IndexOrder order) {
    Comparator<Datom> comparator = FactOrder.of(order);
    return PersistentSortedSet.empty((x, y) -> comparator.compare(x.last(), y.last()));
  }

  /** Whether nothing is pending. */
  public boolean isEmpty() {
    return eavt.isEmpty();
  }

  /** The attributes of the facts that pending transactions touch; costs a look-up for each. */
  public Set<Long> attributes() {
    Set<Long> attributes = new HashSet<>();
    Iterator<Fact> next = aevt.iterator();
    while (next.hasNext()) {
      long attribute = next.next().last().a();
      attributes.add(attribute);
      next = from(Prefix.of(IndexOrder.AEVT, attribute + 1));
    }
    return attributes;
  }

  /** How many facts pending transactions touch. */
  public int size() {
    return eavt.size();
  }

  /**
   * With one more pending transaction on top.
   *
   * @param datoms its datoms, in order, each fact at most once
   * @param schema the schema after it, which tells what is a reference
   */
  public Overlay apply(List<Datom> datoms, Schema schema) {
    Overlay result = this;
    for (Datom datom : datoms) {
      Fact known = result.eavt.get(Fact.probe(datom));
      result = result.put(new Fact(datom, known), isRef(datom, schema) || result.isInVaet(known));
    }
    return result;
  }

  /**
   * Without a pending transaction, wherever it stands among the operations on its facts.
   *
   * @param datoms the same that were applied
   * @param schema not needed now; the seam names it
   * @throws IllegalStateException if one of them was not applied
   */
  public Overlay revert(List<Datom> datoms, Schema schema) {
    Overlay result = this;
    for (ListIterator<Datom> i = datoms.listIterator(datoms.size()); i.hasPrevious();) {
      result = result.revert(i.previous());
    }
    return result;
  }

  private Overlay revert(Datom datom) {
    Fact known = eavt.get(Fact.probe(datom));
    if (known == null) {
      throw new IllegalStateException("Not in the overlay, so it cannot be reverted: " + datom);
    }
    Fact rest = known.without(datom);
    return rest == null ? remove(known) : put(rest, isInVaet(known));
  }

  private Overlay put(Fact fact, boolean ref) {
    return new Overlay(
        eavt.put(fact), aevt.put(fact), avet.put(fact), ref ? vaet.put(fact) : vaet,
        isSchema(fact) ? schemaFacts.put(fact) : schemaFacts);
  }

  private Overlay remove(Fact fact) {
    return new Overlay(
        eavt.remove(fact), aevt.remove(fact), avet.remove(fact), isInVaet(fact) ? vaet.remove(fact) : vaet,
        isSchema(fact) ? schemaFacts.remove(fact) : schemaFacts);
  }

  private boolean isInVaet(Fact fact) {
    return fact != null && fact.last().v() instanceof Long && vaet.contains(fact);
  }

  private static boolean isSchema(Fact fact) {
    return SystemIds.isSchemaAttribute(fact.last().a());
  }

  private static boolean isRef(Datom datom, Schema schema) {
    if (!(datom.v() instanceof Long)) {
      return false;
    }
    Attribute attribute = schema.attribute(datom.a());
    return attribute != null && attribute.isRef();
  }

  /** The newest operation on the fact of this datom, or null. */
  public Datom newest(Datom datom) {
    Fact known = eavt.get(Fact.probe(datom));
    return known == null ? null : known.last();
  }

  /** Whether a pending transaction changes attributes or idents. */
  public boolean touchesSchema() {
    return !schemaFacts.isEmpty();
  }

  /** The schema of the confirmed datoms with the pending ones on top; the same object if no pending one touches it. */
  public Schema schemaOn(Schema confirmed) {
    if (schemaFacts.isEmpty()) {
      return confirmed;
    }
    List<Datom> changes = new ArrayList<>(schemaFacts.size());
    for (Fact fact : schemaFacts) {
      if (!fact.isCurrent()) {
        // A pending ident that a later transaction replaced goes on naming its entity.
        if (fact.last().a() == SystemIds.DB_IDENT && fact.below() != null && fact.below().isCurrent()) {
          changes.add(fact.below().last());
        }
        changes.add(fact.last());
      }
    }
    for (Fact fact : schemaFacts) {
      if (fact.isCurrent()) {
        changes.add(fact.last());
      }
    }
    return confirmed.with(changes);
  }

  /** Every pending operation that a pattern names. */
  public Iterable<Datom> operations(FootprintKey key) {
    if (key instanceof FootprintKey.EntityAttribute k) {
      return operations(IndexOrder.EAVT, k.e(), k.a());
    }
    if (key instanceof FootprintKey.Entity k) {
      return operations(IndexOrder.EAVT, k.e());
    }
    if (key instanceof FootprintKey.AttributeValue k) {
      return operations(IndexOrder.AVET, k.a(), k.v());
    }
    if (key instanceof FootprintKey.Reference k) {
      return operations(IndexOrder.VAET, k.v());
    }
    return operations(IndexOrder.AEVT, ((FootprintKey.AttributeOnly) key).a());
  }

  /**
   * Every pending operation whose leading components equal the given ones, those of one fact in the order in which they
   * were applied.
   *
   * @param order which order; AVET holds every attribute here, VAET only references
   * @param components none to three leading components
   */
  public Iterable<Datom> operations(IndexOrder order, Object... components) {
    Prefix range = Prefix.of(order, components);
    List<Datom> operations = new ArrayList<>();
    for (Iterator<Fact> facts = from(range); facts.hasNext();) {
      Fact fact = facts.next();
      if (!range.matches(fact.last())) {
        break;
      }
      fact.addTo(operations);
    }
    return operations;
  }

  /** The facts from the range's begin on to the end of the order. AVET holds every attribute here. */
  Iterator<Fact> from(Prefix prefix) {
    PersistentSortedSet<Fact> set = set(prefix.order());
    return prefix.length() == 0 ? set.iterator() : set.from(Fact.probe(prefix.begin()));
  }

  /** The facts that a walk meets, in its order, from its begin to the end of the order. */
  Iterator<Fact> walk(Scan scan) {
    PersistentSortedSet<Fact> set = set(scan.order());
    Datom begin = scan.begin();
    if (scan.backwards()) {
      return begin == null ? set.backwards() : set.backwardsFrom(Fact.probe(begin));
    }
    return begin == null ? set.iterator() : set.from(Fact.probe(begin));
  }

  /** Whether a walk over facts meets one of these. */
  public boolean isMetBy(Scan facts) {
    Iterator<Fact> met = walk(facts);
    return met.hasNext() && facts.reaches(met.next().last());
  }

  /**
   * A walk over datoms with these facts laid over them.
   *
   * @param below what {@link Scan#ofFacts} of the walk gives in those datoms
   * @param scan the walk
   * @param members which attributes are in its order
   */
  public Iterable<Datom> over(Iterable<Datom> below, Scan scan, LongPredicate members) {
    Scan facts = scan.ofFacts();
    Iterable<Datom> merged = scan.history()
        ? () -> new MergedIterator<>(below.iterator(), new PendingOperations(this, facts, members), scan.comparator())
        : () -> new MergedDatoms(below.iterator(), this, facts, members);
    return scan.only(merged);
  }

  /** How many facts lie in a range, or all there are if these are more than a few. */
  public long estimate(Prefix range) {
    if (range.length() == 0) {
      return size();
    }
    int counted = 0;
    for (Iterator<Fact> facts = from(range); facts.hasNext(); counted++) {
      if (counted == COUNTED_MAX) {
        return size();
      }
      if (!range.matches(facts.next().last())) {
        break;
      }
    }
    return counted;
  }

  PersistentSortedSet<Fact> set(IndexOrder order) {
    return switch (order) {
      case EAVT -> eavt;
      case AEVT -> aevt;
      case AVET -> avet;
      case VAET -> vaet;
    };
  }
}
