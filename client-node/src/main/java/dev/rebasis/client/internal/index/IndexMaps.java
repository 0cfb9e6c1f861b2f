package dev.rebasis.client.internal.index;

import dev.rebasis.client.internal.db.FactOrder;
import dev.rebasis.client.internal.db.Prefix;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.DatomOrder;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Schema;
import dev.rebasis.data.SystemIds;
import dev.rebasis.digest.Digest;
import dev.rebasis.protocol.AttributeDigest;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.CursorPos;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.LongDataType;
import org.h2.mvstore.type.StringDataType;

/**
 * The eight sorted sets of the index: current datoms in four orders, one per fact; and past ones in four orders. Past is
 * every assertion that was retracted since, and every retraction; history is both merged. AVET holds the attributes that
 * the schema says are in it, VAET the references.
 *
 * <p>Applying is idempotent: to assert what is current or retract what is not changes no current datom. Confined to the
 * index's owner.
 */
final class IndexMaps {
  private static final int APPENDED_BEFORE_LOOK = 10_000;

  private final Map<IndexOrder, DatomMap> current = new EnumMap<>(IndexOrder.class);
  private final Map<IndexOrder, DatomMap> past = new EnumMap<>(IndexOrder.class);

  private final MVMap<Long, String> digests;
  private final LateDigest digest = new LateDigest();
  private Runnable whenMany = () -> { };
  private int appended;

  IndexMaps(MVStore store) {
    digests = store.openMap("digest", new MVMap.Builder<Long, String>()
        .keyType(LongDataType.INSTANCE).valueType(StringDataType.INSTANCE));
    digests.forEach((key, text) -> {
      AttributeDigest read = new AttributeDigest(
          Math.abs(key), Long.parseLong(text.substring(32)), text.substring(0, 32));
      if (key < 0) {
        digest.now().putTransactions(read);
      } else {
        digest.now().put(read);
      }
    });
    for (IndexOrder order : IndexOrder.values()) {
      current.put(order, open(store, order.name().toLowerCase(Locale.ROOT), new DatomType(FactOrder.of(order))));
      past.put(order,
          open(store, "past-" + order.name().toLowerCase(Locale.ROOT), new DatomType(DatomOrder.of(order))));
    }
  }

  private static DatomMap open(MVStore store, String name, DatomType type) {
    return store.openMap(name, new DatomMap.Builder(type));
  }

  MVMap<Datom, Boolean> current(IndexOrder order) {
    return current.get(order);
  }

  MVMap<Datom, Boolean> past(IndexOrder order) {
    return past.get(order);
  }

  /** The digest of the current datoms. */
  Digest digest() {
    return digest.now();
  }

  /** Puts the digest into the store, to be written with it: what is of transactions under the attribute negated. */
  void saveDigest() {
    Map<Long, AttributeDigest> all = new HashMap<>();
    Digest now = digest.now();
    now.attributes().forEach(attribute -> all.put(attribute.a(), attribute));
    now.transactions().forEach(attribute -> all.put(-attribute.a(), attribute));
    all.forEach((key, attribute) -> {
      String text = attribute.sum() + attribute.datoms();
      if (!text.equals(digests.get(key))) {
        digests.put(key, text);
      }
    });
    List.copyOf(digests.keySet()).stream().filter(key -> !all.containsKey(key)).forEach(digests::remove);
  }

  // ---- filling from empty

  /**
   * Puts a datom behind all others of its tree, which is much cheaper than finding its place; current ones are counted in
   * the digest when the tree is EAVT.
   *
   * @param ofPast whether it is no longer current
   */
  void append(boolean ofPast, IndexOrder order, Datom datom) {
    if (!ofPast && order == IndexOrder.EAVT) {
      digest.add(datom);
    }
    (ofPast ? past : current).get(order).append(datom);
    if (++appended % APPENDED_BEFORE_LOOK == 0) {
      whenMany.run();
    }
  }

  /** Ends the appending. */
  void appended() {
    current.values().forEach(DatomMap::flush);
    past.values().forEach(DatomMap::flush);
  }

  /** What looks now and then, while datoms are appended, whether too much is unsaved. */
  void whenMany(Runnable look) {
    whenMany = look;
  }

  // ---- changing

  /** Empties everything; versions that are held stay as they are. */
  void clear() {
    current.values().forEach(MVMap::clear);
    past.values().forEach(MVMap::clear);
    digests.clear();
    Digest now = digest.now();
    now.attributes().forEach(attribute -> now.put(nothing(attribute.a())));
    now.transactions().forEach(attribute -> now.putTransactions(nothing(attribute.a())));
  }

  private static AttributeDigest nothing(long a) {
    return new AttributeDigest(a, 0, "0".repeat(32));
  }

  /**
   * Applies one transaction's datoms, which may come in any order and more than once.
   *
   * @param schema the schema after the transaction
   */
  void apply(Iterable<Datom> datoms, Schema schema) {
    for (Datom datom : datoms) {
      Attribute attribute = schema.attribute(datom.a());
      boolean avet = attribute != null && attribute.isInAvet();
      boolean vaet = attribute != null && attribute.isRef();
      if (datom.added()) {
        add(datom, avet, vaet);
      } else {
        retract(datom, avet, vaet);
      }
    }
  }

  /** Forgets everything of an entity, past and present, but what is schema. */
  void withdraw(long e) {
    for (Datom datom : ofEntity(current.get(IndexOrder.EAVT), e)) {
      digest.remove(datom);
      current.values().forEach(map -> map.remove(datom));
    }
    for (Datom datom : ofEntity(past.get(IndexOrder.EAVT), e)) {
      past.values().forEach(map -> map.remove(datom));
    }
  }

  private static List<Datom> ofEntity(MVMap<Datom, Boolean> eavt, long e) {
    List<Datom> datoms = matching(eavt, Prefix.of(IndexOrder.EAVT, e));
    datoms.removeIf(datom -> SystemIds.isSchemaAttribute(datom.a()));
    return datoms;
  }

  private void add(Datom datom, boolean avet, boolean vaet) {
    if (current.get(IndexOrder.EAVT).putIfAbsent(datom, Boolean.TRUE) != null) {
      return;
    }
    digest.add(datom);
    current.get(IndexOrder.AEVT).put(datom, Boolean.TRUE);
    if (avet) {
      current.get(IndexOrder.AVET).put(datom, Boolean.TRUE);
    }
    if (vaet) {
      current.get(IndexOrder.VAET).put(datom, Boolean.TRUE);
    }
  }

  private void retract(Datom datom, boolean avet, boolean vaet) {
    TakeDecision take = new TakeDecision();
    current.get(IndexOrder.EAVT).operate(datom, null, take);
    if (take.taken != null) {
      digest.remove(take.taken);
      current.get(IndexOrder.AEVT).remove(datom);
      if (avet) {
        current.get(IndexOrder.AVET).remove(datom);
      }
      if (vaet) {
        current.get(IndexOrder.VAET).remove(datom);
      }
      addPast(take.taken, avet, vaet);
    }
    // Kept even if nothing was current: Datomic's own history has such retractions (see Bootstrap).
    addPast(datom, avet, vaet);
  }

  private void addPast(Datom datom, boolean avet, boolean vaet) {
    past.get(IndexOrder.EAVT).put(datom, Boolean.TRUE);
    past.get(IndexOrder.AEVT).put(datom, Boolean.TRUE);
    if (avet) {
      past.get(IndexOrder.AVET).put(datom, Boolean.TRUE);
    }
    if (vaet) {
      past.get(IndexOrder.VAET).put(datom, Boolean.TRUE);
    }
  }

  /** Brings AVET and VAET in line with a changed schema, for the datoms that are in the index already. */
  void reindex(Schema before, Schema after) {
    for (Attribute attribute : after.attributes()) {
      Attribute old = before.attribute(attribute.id());
      boolean wasAvet = old != null && old.isInAvet();
      boolean wasVaet = old != null && old.isRef();
      move(attribute.id(), wasAvet, attribute.isInAvet(), IndexOrder.AVET);
      move(attribute.id(), wasVaet, attribute.isRef(), IndexOrder.VAET);
    }
    for (Attribute old : before.attributes()) {
      if (after.attribute(old.id()) == null) {
        move(old.id(), old.isInAvet(), false, IndexOrder.AVET);
        move(old.id(), old.isRef(), false, IndexOrder.VAET);
      }
    }
  }

  private void move(long a, boolean was, boolean is, IndexOrder order) {
    if (was == is) {
      return;
    }
    for (Map<IndexOrder, DatomMap> maps : List.of(current, past)) {
      MVMap<Datom, Boolean> target = maps.get(order);
      for (Datom datom : ofAttribute(maps.get(IndexOrder.AEVT), a)) {
        if (is) {
          target.put(datom, Boolean.TRUE);
        } else {
          target.remove(datom);
        }
      }
    }
  }

  private static List<Datom> ofAttribute(MVMap<Datom, Boolean> aevt, long a) {
    return matching(aevt, Prefix.of(IndexOrder.AEVT, a));
  }

  private static List<Datom> matching(MVMap<Datom, Boolean> map, Prefix range) {
    List<Datom> datoms = new ArrayList<>();
    Cursor<Datom, Boolean> cursor = map.cursor(range.first());
    while (cursor.hasNext()) {
      Datom datom = cursor.next();
      if (!range.matches(datom)) {
        break;
      }
      datoms.add(datom);
    }
    return datoms;
  }

  /** Removes a key and keeps it: the stored datom has the transaction that asserted it. */
  private static final class TakeDecision extends MVMap.DecisionMaker<Boolean> {
    private Datom taken;

    @Override
    public MVMap.Decision decide(Boolean existing, Boolean provided, CursorPos<?, ?> place) {
      if (existing == null) {
        return MVMap.Decision.ABORT;
      }
      taken = (Datom) place.page.getKey(place.index);
      return MVMap.Decision.REMOVE;
    }

    @Override
    public MVMap.Decision decide(Boolean existing, Boolean provided) {
      throw new IllegalStateException("the place is needed");
    }

    @Override
    public void reset() {
      taken = null;
    }
  }
}
