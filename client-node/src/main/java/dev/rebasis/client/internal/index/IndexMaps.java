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
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.h2.mvstore.Cursor;
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
  private static final Comparator<Datom> FACTS = FactOrder.of(IndexOrder.EAVT);

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

  DatomMap current(IndexOrder order) {
    return current.get(order);
  }

  DatomMap past(IndexOrder order) {
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
   * Applies datoms, at once.
   *
   * @param datoms those of one fact in the order in which they came to be; any of them more than once
   * @param schema the schema after them
   */
  void apply(Collection<Datom> datoms, Schema schema) {
    Changes changes = new Changes(schema);
    Datom[] byFact = datoms.toArray(new Datom[0]);
    // Those of one fact stay in their order.
    Arrays.sort(byFact, FACTS);
    FactSteps steps = new FactSteps(changes::past);
    DatomMap facts = current.get(IndexOrder.EAVT);
    for (int i = 0; i < byFact.length;) {
      Datom fact = byFact[i];
      Datom before = facts.find(facts.getRootPage(), fact);
      steps.begin(before);
      for (; i < byFact.length && FACTS.compare(fact, byFact[i]) == 0; i++) {
        steps.step(byFact[i]);
      }
      changes.current(before, steps.current());
    }
    changes.make();
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

  /** What is to be changed in the eight trees. */
  private final class Changes {
    private final Schema schema;
    private final Map<IndexOrder, List<TreeBatch.Change>> ofCurrent = lists();
    private final Map<IndexOrder, List<TreeBatch.Change>> ofPast = lists();
    private final Set<Datom> pasts = new HashSet<>();

    Changes(Schema schema) {
      this.schema = schema;
    }

    private static Map<IndexOrder, List<TreeBatch.Change>> lists() {
      Map<IndexOrder, List<TreeBatch.Change>> lists = new EnumMap<>(IndexOrder.class);
      for (IndexOrder order : IndexOrder.values()) {
        lists.put(order, new ArrayList<>());
      }
      return lists;
    }

    /** A fact had this current datom, or none, and has this one now, or none. */
    void current(Datom before, Datom after) {
      if (before == after) {
        return;
      }
      if (before != null) {
        digest.remove(before);
      }
      if (after != null) {
        digest.add(after);
      }
      add(ofCurrent, new TreeBatch.Change(after == null ? before : after, after != null));
    }

    void past(Datom datom) {
      // Datomic's log may have a retraction twice.
      if (pasts.add(datom)) {
        add(ofPast, new TreeBatch.Change(datom, true));
      }
    }

    private void add(Map<IndexOrder, List<TreeBatch.Change>> to, TreeBatch.Change change) {
      Attribute attribute = schema.attribute(change.datom().a());
      to.get(IndexOrder.EAVT).add(change);
      to.get(IndexOrder.AEVT).add(change);
      if (attribute != null && attribute.isInAvet()) {
        to.get(IndexOrder.AVET).add(change);
      }
      if (attribute != null && attribute.isRef()) {
        to.get(IndexOrder.VAET).add(change);
      }
    }

    void make() {
      ofCurrent.forEach((order, changes) -> current.get(order).change(changes));
      ofPast.forEach((order, changes) -> past.get(order).change(changes));
    }
  }
}
