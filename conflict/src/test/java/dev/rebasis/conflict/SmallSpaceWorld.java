package dev.rebasis.conflict;

import dev.rebasis.data.Keyword;
import dev.rebasis.data.Values;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What {@link SmallSpaceModel} knows of the world: the facts that the author of an intent saw, the list of what was
 * committed since and by whom, and the facts now.
 */
final class SmallSpaceWorld {
  record Fact(long e, Keyword a, Object v) {}

  /** One change after the base, in order. */
  record Change(Fact fact, boolean added, long tx, boolean own) {}

  private final Set<Fact> base;
  private final List<Change> log;
  private final Set<Fact> left;

  /**
   * Makes the world of one decision.
   *
   * @param base what the author of the intent saw
   * @param log what was committed since
   */
  SmallSpaceWorld(Set<Fact> base, List<Change> log) {
    this.base = base;
    this.log = log;
    this.left = played(base, log);
  }

  private static Set<Fact> played(Set<Fact> from, List<Change> changes) {
    Set<Fact> facts = new HashSet<>(from);
    for (Change change : changes) {
      if (change.added) {
        facts.add(change.fact);
      } else {
        facts.remove(change.fact);
      }
    }
    return facts;
  }

  /** The facts now. */
  Set<Fact> left() {
    return left;
  }

  /** The values of a place now, in order. */
  List<Object> now(long e, Keyword a) {
    return of(left, e, a);
  }

  private static List<Object> of(Set<Fact> facts, long e, Keyword a) {
    return facts.stream().filter(f -> f.e == e && f.a == a).map(Fact::v).sorted(Values::compare).toList();
  }

  /** Who has a value now, or null. */
  Long holder(Keyword a, Object v) {
    return left.stream().filter(f -> f.a == a && f.v.equals(v)).map(Fact::e).findFirst().orElse(null);
  }

  /** What others did since the base, or since the client itself last wrote there; null for any entity or attribute. */
  List<Change> changes(Long e, Keyword a) {
    List<Change> found = new ArrayList<>();
    for (Change change : log) {
      boolean here = (e == null || change.fact.e == e) && (a == null || change.fact.a == a);
      if (here && !change.own && log.indexOf(change) > lastOwn(change.fact)) {
        found.add(change);
      }
    }
    return found;
  }

  private int lastOwn(Fact fact) {
    int last = -1;
    for (int i = 0; i < log.size(); i++) {
      Change change = log.get(i);
      // Of a set, each value is a place of its own.
      boolean here = change.fact.e == fact.e && change.fact.a == fact.a
          && (!SmallSpace.SHAPES.get(fact.a).many() || change.fact.v.equals(fact.v));
      last = change.own && here ? i : last;
    }
    return last;
  }

  /** What the author knew of a place: the base, or what the client's own last transaction there left. */
  List<Object> known(long e, Keyword a) {
    if (!SmallSpace.SHAPES.get(a).many()) {
      return of(played(base, log.subList(0, lastOwn(new Fact(e, a, null)) + 1)), e, a);
    }
    Set<Fact> said = new HashSet<>(base);
    log.forEach(change -> said.add(change.fact));
    said.removeIf(fact -> !played(base, log.subList(0, lastOwn(fact) + 1)).contains(fact));
    return of(said, e, a);
  }

  boolean gone(long e) {
    return left.stream().noneMatch(f -> f.e == e)
        && changes(e, null).stream().anyMatch(c -> !known(e, c.fact.a).isEmpty());
  }

  /** The transaction that cut an entity, or all that hold it, from what held it; 0 if it is held, or never was. */
  long cut(long e, Set<Long> held) {
    if (e < 0 || held.contains(e)) {
      return 0;
    }
    Set<Long> hungHere = new HashSet<>(held);
    hungHere.add(e);
    List<Fact> holders = left.stream().filter(f -> holds(f, e)).toList();
    if (holders.stream().anyMatch(f -> cut(f.e, hungHere) == 0)) {
      return 0;
    }
    return holders.isEmpty()
        ? changes(null, null).stream().filter(c -> !c.added && holds(c.fact, e) && known(c.fact.e, c.fact.a).contains(e))
            .mapToLong(c -> c.tx).max().orElse(0)
        : holders.stream().mapToLong(f -> cut(f.e, hungHere)).min().getAsLong();
  }

  private static boolean holds(Fact fact, long e) {
    return SmallSpace.SHAPES.get(fact.a).component() && fact.v.equals(e);
  }

  boolean gotFromOthers(long holder, Keyword a, Object v) {
    boolean got = false;
    for (Change change : changes(holder, a)) {
      got = change.fact.v.equals(v) ? change.added : got;
    }
    return got;
  }

  static long last(List<Change> changes) {
    return changes.get(changes.size() - 1).tx;
  }

  /** An entity with its components, and theirs. */
  Set<Long> withComponents(long e) {
    Set<Long> all = new LinkedHashSet<>(Set.of(e));
    for (boolean more = true; more;) {
      more = false;
      for (Fact f : left) {
        more |= all.contains(f.e) && SmallSpace.SHAPES.get(f.a).component() && all.add((Long) f.v);
      }
    }
    return all;
  }
}
