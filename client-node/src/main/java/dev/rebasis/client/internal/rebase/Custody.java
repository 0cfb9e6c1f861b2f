package dev.rebasis.client.internal.rebase;

import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.conflict.Conflict;
import dev.rebasis.conflict.FootprintKey;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Finds the pending transactions that touch facts which are about to be withdrawn from this client: the scope no longer
 * holds them, or a permission is gone. Confined to one call under the owner's lock.
 *
 * <p>A transaction touches a fact {@code [e a v]} if it writes or reads {@code (e a)}, if it looked the entity up by that
 * value, or if it reads anything of an entity of which nothing is left. A query over a whole attribute, as a premise
 * may have, touches none by itself: the server sees all of it and decides. What stands on such a transaction, or is in one
 * group with it, is set aside with it, as it would be if the server had parked it.
 */
final class Custody {
  /** The code of what is set aside because it touches what was withdrawn. */
  static final Keyword WITHDRAWN = Keyword.of(":rebasis.error/withdrawn");

  private static final Keyword PREDECESSOR = Keyword.of(":rebasis.error/predecessor-not-committed");
  private static final Keyword KIND = Keyword.of(":rebasis.conflict/withdrawn");
  private static final Keyword PARK = Keyword.of(":rebasis.policy/park");

  private final OptimisticState state;
  private final DatabaseValue confirmed;
  /** The touched places, and whole entities, of each transaction. */
  private final Map<PendingTransaction, Set<FootprintKey>> touched = new LinkedHashMap<>();

  Custody(OptimisticState state) {
    this.state = state;
    this.confirmed = state.confirmed();
  }

  /**
   * Who is to be set aside, in the order of the queue.
   *
   * @param facts confirmed facts that still stand in the view
   * @param mayTake whether a transaction can be taken back, asked once for each in question: one that may have been sent is
   *     decided by the server
   */
  List<SetAside> of(Iterable<Datom> facts, Predicate<UUID> mayTake) {
    Map<Long, Integer> withdrawn = new HashMap<>();
    for (Datom fact : facts) {
      withdrawn.merge(fact.e(), 1, Integer::sum);
      touch(new FootprintKey.EntityAttribute(fact.e(), fact.a()));
      touch(new FootprintKey.AttributeValue(fact.a(), fact.v()));
    }
    withdrawn.forEach((e, count) -> {
      if (isLessThan(confirmed.datoms(IndexOrder.EAVT, e), count + 1)) {
        touch(new FootprintKey.Entity(e));
      }
    });
    return touched.isEmpty() ? List.of() : setAside(pending -> {
      Set<FootprintKey> places = touched.get(pending);
      return places == null ? null : touching(pending, places);
    }, mayTake);
  }

  /** The same for transactions that cannot be sent, whatever they touch. */
  List<SetAside> of(Set<UUID> roots, Keyword code, String message, Predicate<UUID> mayTake) {
    return setAside(pending -> roots.contains(pending.intent().id())
        ? new SetAside(pending.intent(), code, message, List.of()) : null, mayTake);
  }

  private static boolean isLessThan(Iterable<Datom> datoms, int limit) {
    int count = 0;
    for (Datom datom : datoms) {
      if (++count >= limit) {
        return false;
      }
    }
    return true;
  }

  private void touch(FootprintKey key) {
    state.layers().readersOf(key, pending -> {
      // The index goes by hashes: two patterns may share one.
      if (pending.decision.footprint().reads().contains(key)) {
        touched.computeIfAbsent(pending, one -> new LinkedHashSet<>()).add(key);
      }
    });
  }

  /**
   * Those that are set aside for a reason of their own, what stands on them, and the groups of both: a group is sent in one
   * message, so that all of it can be taken back, or nothing, and a part of it would never be sent.
   *
   * @param own gives the reason, or null
   */
  private List<SetAside> setAside(Function<PendingTransaction, SetAside> own, Predicate<UUID> mayTake) {
    List<SetAside> aside = new ArrayList<>();
    Set<UUID> ids = new HashSet<>();
    Set<Long> made = new HashSet<>();
    for (List<PendingTransaction> unit : state.queue().units()) {
      Map<PendingTransaction, SetAside> reasons = new HashMap<>();
      boolean waits = false;
      for (PendingTransaction pending : unit) {
        SetAside reason = own.apply(pending);
        if (reason != null) {
          reasons.put(pending, reason);
        }
        waits |= pending.intent().terms().after().stream().anyMatch(ids::contains)
            || pending.mentioned.stream().anyMatch(made::contains);
      }
      for (PendingTransaction pending : waits || !reasons.isEmpty() ? unit : List.<PendingTransaction>of()) {
        if (mayTake.test(pending.intent().id())) {
          SetAside reason = reasons.get(pending);
          aside.add(reason == null ? waiting(pending) : reason);
          ids.add(pending.intent().id());
          pending.numbers.forEach(number -> made.add(-number));
        }
      }
    }
    return aside;
  }

  private static SetAside waiting(PendingTransaction pending) {
    return new SetAside(pending.intent(), PREDECESSOR, "The transaction stands on one, or is in a group with one, that was"
        + " set aside, since this client may no longer see what it touches or its server does not take it; this one waits with"
        + " it.", List.of());
  }

  private SetAside touching(PendingTransaction pending, Set<FootprintKey> places) {
    Set<FootprintKey.EntityAttribute> cells = new LinkedHashSet<>();
    Set<Long> entities = new LinkedHashSet<>();
    for (FootprintKey place : places) {
      if (place instanceof FootprintKey.EntityAttribute cell) {
        cells.add(cell);
      } else if (place instanceof FootprintKey.Entity whole) {
        entities.add(whole.e());
      } else if (place instanceof FootprintKey.AttributeValue looked) {
        confirmed.datoms(IndexOrder.AVET, looked.a(), looked.v()).forEach(datom -> entities.add(datom.e()));
      }
    }
    // What it wanted to write on an entity that goes whole is kept too, wherever that attribute was empty before.
    for (Datom datom : pending.datoms) {
      if (entities.contains(datom.e())) {
        cells.add(new FootprintKey.EntityAttribute(datom.e(), datom.a()));
      }
    }
    List<Conflict> conflicts = new ArrayList<>();
    cells.forEach(cell -> {
      entities.remove(cell.e());
      conflicts.add(new Conflict(KIND, cell.e(), confirmed.schema().ident(cell.a()), standing(cell), wanted(pending, cell),
          List.of(), List.of(), PARK, 0));
    });
    entities.forEach(e -> conflicts.add(
        new Conflict(KIND, e, null, List.of(), List.of(), List.of(), List.of(), PARK, 0)));
    return new SetAside(pending.intent(), WITHDRAWN, "The transaction touches what this client may no longer see: its scope"
        + " does not hold it any more, or a permission was withdrawn. It was not sent. Retry it when you see these facts again,"
        + " or discard it.", conflicts);
  }

  private List<Object> standing(FootprintKey.EntityAttribute cell) {
    List<Object> values = new ArrayList<>();
    confirmed.datoms(IndexOrder.EAVT, cell.e(), cell.a()).forEach(datom -> values.add(datom.v()));
    return values;
  }

  private static List<Object> wanted(PendingTransaction pending, FootprintKey.EntityAttribute cell) {
    List<Object> values = new ArrayList<>();
    for (Datom datom : pending.datoms) {
      if (datom.added() && datom.e() == cell.e() && datom.a() == cell.a()) {
        values.add(datom.v());
      }
    }
    return values;
  }
}
