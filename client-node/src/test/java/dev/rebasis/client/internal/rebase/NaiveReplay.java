package dev.rebasis.client.internal.rebase;

import dev.rebasis.client.internal.db.ConfirmedChanges;
import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.client.internal.db.IndexSnapshot;
import dev.rebasis.client.internal.db.Overlay;
import dev.rebasis.client.internal.log.MadeIds;
import dev.rebasis.client.internal.query.QueryEngine;
import dev.rebasis.conflict.Decider;
import dev.rebasis.conflict.Decision;
import dev.rebasis.conflict.Footprint;
import dev.rebasis.conflict.FootprintKey;
import dev.rebasis.conflict.GroupFate;
import dev.rebasis.conflict.LocalIds;
import dev.rebasis.conflict.Reason;
import dev.rebasis.conflict.RemoteChanges;
import dev.rebasis.conflict.Rules;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Values;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Terms;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * The rebase, written for obviousness: every pending intent is decided anew, in order, on the confirmed snapshot with
 * its predecessors applied. No index, no footprints, nothing kept.
 */
final class NaiveReplay {
  /** {@code v} is null where the attribute has one value. */
  private record Place(long e, long a, Object v) {}

  private record Done(UUID id, List<Datom> datoms) {}

  private final IndexSnapshot snapshot;
  private final MadeIds made;
  private final long client;
  private final Rules rules;
  private final List<Decision> decisions = new ArrayList<>();
  private final Set<Place> written = new HashSet<>();
  /** What each pending transaction did, in order. */
  private final List<Done> done = new ArrayList<>();
  private final Map<Long, Long> meaning = new HashMap<>();
  private final Set<UUID> failed = new HashSet<>();
  private Overlay overlay = Overlay.EMPTY;

  private NaiveReplay(IndexSnapshot snapshot, MadeIds made, long client, Rules rules) {
    this.snapshot = snapshot;
    this.made = made;
    this.client = client;
    this.rules = rules;
  }

  /**
   * Replays.
   *
   * @param refusedGroups groups of which the server has refused others already
   */
  static NaiveReplay of(IndexSnapshot snapshot, MadeIds made, long client, Rules rules, List<Intent> pending,
      Set<UUID> failedBefore, Set<UUID> refusedGroups) {
    NaiveReplay replay = new NaiveReplay(snapshot, made, client, rules);
    replay.failed.addAll(failedBefore);
    for (int i = 0; i < pending.size();) {
      List<Intent> unit = unit(pending, i);
      replay.decideTogether(unit, refusedGroups);
      i += unit.size();
    }
    return replay;
  }

  /** The transaction at a place of the queue, with the rest of its group if it is in one. */
  private static List<Intent> unit(List<Intent> pending, int from) {
    int to = from + 1;
    Terms.Group group = pending.get(from).terms().group();
    while (group != null && to < pending.size() && pending.get(to).terms().group() != null
        && pending.get(to).terms().group().id().equals(group.id())) {
      to++;
    }
    return pending.subList(from, to);
  }

  /** Of a group all are committed or none, so it is tried first. */
  private void decideTogether(List<Intent> unit, Set<UUID> refusedGroups) {
    Intent first = unit.get(0);
    if (first.terms().group() == null) {
      decide(first);
      return;
    }
    GroupFate fate = refusedGroups.contains(first.terms().group().id())
        ? new GroupFate(first.id(), new Reason(Keyword.of(":test/refused"), "refused", Map.of()), List.of())
        : tried(unit);
    for (Intent one : unit) {
      if (fate == null) {
        decide(one);
      } else {
        keep(one, fate.of(one, Footprint.EMPTY));
      }
    }
  }

  private GroupFate tried(List<Intent> unit) {
    NaiveReplay trial = new NaiveReplay(snapshot, made, client, rules);
    trial.written.addAll(written);
    trial.done.addAll(done);
    trial.meaning.putAll(meaning);
    trial.failed.addAll(failed);
    trial.overlay = overlay;
    for (Intent one : unit) {
      trial.decide(one);
      Decision decision = trial.decisions.get(trial.decisions.size() - 1);
      if (!decision.kind().isCommitted()) {
        return new GroupFate(one.id(), decision.reason(), decision.conflicts());
      }
    }
    return null;
  }

  List<Decision> decisions() {
    return decisions;
  }

  List<Datom> datoms() {
    List<Datom> datoms = new ArrayList<>();
    value().datoms(IndexOrder.EAVT).forEach(datoms::add);
    return datoms;
  }

  private DatabaseValue value() {
    return DatabaseValue.of(snapshot, overlay, made, snapshot.basisT(), new QueryEngine());
  }

  private void decide(Intent intent) {
    DatabaseValue now = value();
    keep(intent, Decider.decide(intent, now, changes(intent, now), new Ids(), rules));
  }

  private void keep(Intent intent, Decision decision) {
    DatabaseValue now = value();
    decisions.add(decision);
    if (decision.kind().isCommitted()) {
      long tx = intent.txLocalId();
      List<Datom> datoms = new ArrayList<>(decision.datoms());
      datoms.add(new Datom(tx, SystemIds.DB_TX_INSTANT, intent.madeAt(), tx, true));
      overlay = overlay.apply(datoms, now.schema());
      done.add(new Done(intent.id(), datoms));
      datoms.forEach(datom -> written.add(place(now, datom.e(), datom.a(), datom.v())));
      decision.numbers().forEach((number, entity) -> meaning.put(-number, entity));
    } else {
      failed.add(intent.id());
    }
  }

  private RemoteChanges changes(Intent intent, DatabaseValue now) {
    return intent.terms().undoes() != null ? new AllSince(ConfirmedChanges.ofAll(snapshot, intent.basisT()))
        : new AfterPredecessors(ConfirmedChanges.of(snapshot, intent.basisT(), client, tx -> false), now);
  }

  /** The transactions that an intent made now stands on: each pending one that wrote what it needs. */
  List<UUID> after(Intent intent) {
    Set<FootprintKey> needs = Decider.decide(intent, value(), changes(intent, value()), new Ids(), rules).needs();
    return done.stream().filter(one -> one.datoms.stream().anyMatch(datom -> needs.stream().anyMatch(key -> is(key, datom))))
        .map(Done::id).sorted().toList();
  }

  /** What an intent made now saw of pending ones: each place with one value that it looked at and they wrote. */
  Map<List<Long>, List<Object>> seen(Intent intent) {
    Map<List<Long>, List<Object>> seen = new HashMap<>();
    if (intent.terms().undoes() != null) {
      return seen;
    }
    DatabaseValue now = value();
    for (FootprintKey key : Decider.decide(intent, now, changes(intent, now), new Ids(), rules).footprint().reads()) {
      boolean wrote = done.stream().anyMatch(one -> one.datoms.stream().anyMatch(datom -> is(key, datom)));
      if (key instanceof FootprintKey.EntityAttribute place && wrote && !now.schema().attribute(place.a()).isMany()) {
        List<Object> values = new ArrayList<>();
        now.datoms(IndexOrder.EAVT, place.e(), place.a()).forEach(datom -> values.add(datom.v()));
        seen.put(List.of(place.e(), place.a()), values);
      }
    }
    return seen;
  }

  private boolean is(FootprintKey key, Datom datom) {
    if (key instanceof FootprintKey.EntityAttribute place) {
      return place.e() == datom.e() && place.a() == datom.a();
    }
    if (key instanceof FootprintKey.Entity entity) {
      return entity.e() == datom.e();
    }
    if (key instanceof FootprintKey.AttributeValue value) {
      return value.a() == datom.a() && value.v().equals(datom.v());
    }
    if (key instanceof FootprintKey.Reference reference) {
      Attribute attribute = value().schema().attribute(datom.a());
      return attribute != null && attribute.isRef() && datom.v().equals(reference.v());
    }
    return ((FootprintKey.AttributeOnly) key).a() == datom.a();
  }

  private static Place place(DatabaseValue now, long e, long a, Object v) {
    Attribute attribute = now.schema().attribute(a);
    return new Place(e, a, attribute != null && attribute.isMany() ? v : null);
  }

  private final class Ids implements LocalIds {
    @Override
    public long resolve(long localId) {
      long id = made.resolve(localId);
      while (id < 0 && meaning.containsKey(id) && meaning.get(id) != id) {
        id = meaning.get(id) < 0 ? made.resolve(meaning.get(id)) : meaning.get(id);
      }
      return id;
    }

    @Override
    public boolean isMade(long localId) {
      return resolve(localId) >= 0 || meaning.containsKey(localId);
    }

    @Override
    public boolean hasFailed(UUID transaction) {
      return failed.contains(transaction);
    }
  }

  private final class AfterPredecessors implements RemoteChanges {
    private final RemoteChanges confirmed;
    private final DatabaseValue now;

    AfterPredecessors(RemoteChanges confirmed, DatabaseValue now) {
      this.confirmed = confirmed;
      this.now = now;
    }

    @Override
    public boolean isEmpty() {
      return confirmed.isEmpty();
    }

    @Override
    public List<Datom> of(long e, long a) {
      return unwritten(confirmed.of(e, a));
    }

    @Override
    public List<Datom> of(long e) {
      return unwritten(confirmed.of(e));
    }

    @Override
    public List<Datom> ofValue(long a, Object v) {
      return unwritten(confirmed.ofValue(a, v));
    }

    @Override
    public List<Object> baseValues(long e, long a) {
      List<Object> values = new ArrayList<>(confirmed.baseValues(e, a));
      values.removeIf(v -> written.contains(place(now, e, a, v)));
      now.datoms(IndexOrder.EAVT, e, a).forEach(datom -> {
        if (written.contains(place(now, e, a, datom.v()))) {
          values.add(datom.v());
        }
      });
      values.sort(Values::compare);
      return values;
    }

    private List<Datom> unwritten(List<Datom> datoms) {
      return datoms.stream()
          .filter(datom -> !written.contains(place(now, datom.e(), datom.a(), datom.v()))).toList();
    }
  }

  /** What one meets that takes a transaction back: all since, and on top what is pending before it. */
  private final class AllSince implements RemoteChanges {
    private final RemoteChanges confirmed;
    private final List<Done> before = List.copyOf(done);

    AllSince(RemoteChanges confirmed) {
      this.confirmed = confirmed;
    }

    @Override
    public boolean isEmpty() {
      return false;
    }

    @Override
    public List<Datom> of(long e, long a) {
      return with(confirmed.of(e, a), datom -> datom.e() == e && datom.a() == a);
    }

    @Override
    public List<Datom> of(long e) {
      return with(confirmed.of(e), datom -> datom.e() == e);
    }

    @Override
    public List<Datom> ofValue(long a, Object v) {
      return with(confirmed.ofValue(a, v), datom -> datom.a() == a && datom.v().equals(v));
    }

    @Override
    public List<Object> baseValues(long e, long a) {
      return confirmed.baseValues(e, a);
    }

    private List<Datom> with(List<Datom> since, Predicate<Datom> wanted) {
      List<Datom> all = new ArrayList<>(since);
      for (Done one : before) {
        one.datoms.stream().filter(wanted).sorted(Comparator.comparing(Datom::added).thenComparingLong(Datom::e)
            .thenComparingLong(Datom::a).thenComparing(Datom::v, Values::compare)).forEach(all::add);
      }
      return all;
    }
  }
}
