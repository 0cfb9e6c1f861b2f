package dev.rebasis.client.internal.core;

import dev.rebasis.client.internal.db.DatomSource;
import dev.rebasis.client.internal.db.IndexSnapshot;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.log.LogState;
import dev.rebasis.client.internal.log.MadeIds;
import dev.rebasis.conflict.PremiseInputs;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.ValueType;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.RebasisSchema;
import dev.rebasis.protocol.Terms;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * Mends the transactions made here after the database forked. What stood on the T of the fork or before stays as it is; a
 * later basis T becomes that of the fork. The ids that the server gave after the fork now stand for other entities, or for
 * none: where they name an entity made here they become its local id again, and anywhere else a local id that nobody
 * makes, so that the server parks the transaction instead of writing about a stranger. Confined to one mending.
 */
final class ForkMender {
  private static final int PARTITION_BITS = 42;
  private static final long NUMBER_MASK = (1L << PARTITION_BITS) - 1;
  private static final long TX_PARTITION = 3;
  private static final long USER_PARTITION = 4;
  private static final Keyword DB_ID = Keyword.of(":db/id");
  private static final Keyword EXCISE = Keyword.of(":db/excise");
  private static final Keyword ADD = Keyword.of(":db/add");
  private static final Keyword RETRACT = Keyword.of(":db/retract");
  private static final Keyword CAS = Keyword.of(":db/cas");
  private static final Keyword FN_CAS = Keyword.of(":db.fn/cas");

  private final LogEntry.Forking fork;
  private final Schema schema;
  private final LongSupplier newNumber;
  private final SeenBeforeFork seen;
  private final Set<Long> forgotten = new HashSet<>();
  /** Local numbers of what was made here and is lost, by the id that it had. */
  private final Map<Long, Long> madeHere = new HashMap<>();
  /** Local ids that nobody makes, by the id of a stranger's entity. */
  private final Map<Long, Long> strangers = new HashMap<>();

  /**
   * Begins.
   *
   * @param confirmed the datoms of the new way
   * @param newNumber gives local numbers that were never used
   */
  ForkMender(LogEntry.Forking fork, DatomSource confirmed, MadeIds made, LongSupplier newNumber) {
    this.fork = fork;
    this.schema = confirmed.schema();
    this.seen = new SeenBeforeFork(confirmed);
    this.newNumber = newNumber;
    made.forEach((number, entity) -> {
      if (isLost(entity)) {
        forgotten.add(number);
        madeHere.merge(entity, number, Math::min);
      }
    });
  }

  /** Mends what a crash kept from being mended: the load was at its end. */
  static void afterCrash(ClientLog log, IndexSnapshot confirmed) {
    LogState stored = log.state();
    if (stored.forking() != null && stored.loading() == null) {
      long[] next = {stored.nextLocal()};
      ForkMender mender = new ForkMender(stored.forking(), confirmed, stored.made(), () -> next[0]++);
      log.write(List.of(scrubbed(stored.forking(), log, confirmed),
          mender.mend(stored.pending(), log.reads().committedAfter(stored.forking().t()))), true);
      log.refresh();
    }
  }

  /** What is to be forgotten of what was made here. */
  static LogEntry.Scrubbed scrubbed(LogEntry.Forking fork, ClientLog log, IndexSnapshot confirmed) {
    Set<Long> ts = new HashSet<>();
    Set<Long> entities = new HashSet<>();
    Long excised = confirmed.schema().entid(RebasisSchema.EXCISED);
    if (excised != null) {
      // Of a request that is marked itself nobody knows what it was about: it was carried out unseen.
      Set<Long> requests = new HashSet<>();
      confirmed.datoms(IndexOrder.AEVT, confirmed.schema().entid(EXCISE)).forEach(datom -> requests.add(datom.e()));
      long unknownUpTo = -1;
      for (Datom datom : confirmed.datoms(IndexOrder.AEVT, excised)) {
        ts.add(datom.t());
        entities.add(datom.e());
        unknownUpTo = requests.contains(datom.e()) ? Math.max(unknownUpTo, datom.t()) : unknownUpTo;
      }
      if (unknownUpTo >= 0) {
        ts.addAll(log.reads().decidedUpTo(unknownUpTo));
      }
    }
    return new LogEntry.Scrubbed(fork.isExcision() && log.state().part().isPart() ? null : ts, entities);
  }

  /**
   * Mends.
   *
   * @param pending those without an outcome
   * @param gone those that were committed past the fork
   */
  LogEntry.Mended mend(Collection<Intent> pending, Collection<Intent> gone) {
    if (fork.isExcision()) {
      return new LogEntry.Mended(List.copyOf(pending), Set.of());
    }
    TreeMap<Long, Intent> all = new TreeMap<>();
    pending.forEach(intent -> all.put(intent.seq(), intent));
    for (Intent intent : gone) {
      all.put(intent.seq(), intent);
      forgotten.addAll(intent.tempids().values());
    }
    return new LogEntry.Mended(all.values().stream().map(this::mended).toList(), forgotten);
  }

  private Intent mended(Intent intent) {
    List<Object> forms = new ArrayList<>();
    intent.forms().forEach(form -> forms.add(form(form)));
    Intent mended = new Intent(intent.id(), intent.seq(), Math.min(intent.basisT(), fork.t()), intent.madeAt(), forms,
        intent.tempids(), terms(intent.terms()));
    return mended.withTerms(seen.next(mended, intent.basisT() > fork.t()));
  }

  private Terms terms(Terms terms) {
    if (terms.isNone()) {
      return terms;
    }
    return terms
        .withSeen(terms.seen().stream()
            .map(seen -> new Terms.Seen(id(seen.e()), seen.attribute(), seen.values())).toList())
        .withPremises(terms.premises().stream()
            .map(premise -> new Terms.Premise(premise.query(), PremiseInputs.renamed(premise.inputs(), this::id), premise.digest()))
            .toList());
  }

  private boolean isLost(long id) {
    long partition = id >>> PARTITION_BITS;
    return id > 0 && (id & NUMBER_MASK) >= fork.nextT()
        && (partition == TX_PARTITION || partition == USER_PARTITION || partition > 0 && schema.ident(partition) != null);
  }

  private long id(long id) {
    if (!isLost(id)) {
      return id;
    }
    Long number = madeHere.get(id);
    return number != null ? -number : strangers.computeIfAbsent(id, lost -> -newNumber.getAsLong());
  }

  private Object form(Object form) {
    if (form instanceof Map<?, ?> map) {
      return entityMap(map);
    }
    if (form instanceof List<?> list && !list.isEmpty() && list.get(0) instanceof Keyword operation) {
      return list(list, operation);
    }
    return anywhere(form);
  }

  private Object list(List<?> list, Keyword operation) {
    boolean isFact = operation.equals(ADD) || operation.equals(RETRACT) || operation.equals(CAS) || operation.equals(FN_CAS);
    List<Object> mended = new ArrayList<>(list.size());
    for (int i = 0; i < list.size(); i++) {
      mended.add(isFact && i >= 3 ? value(list.get(2), list.get(i)) : anywhere(list.get(i)));
    }
    return mended;
  }

  private Object entityMap(Map<?, ?> map) {
    Map<Object, Object> mended = new LinkedHashMap<>();
    map.forEach((key, value) -> mended.put(key, DB_ID.equals(key) ? anywhere(value) : value(key, value)));
    return mended;
  }

  /** What stands at an attribute: entities if it is a reference, or if nobody knows what it is. */
  private Object value(Object attribute, Object value) {
    Attribute known = attribute instanceof Keyword ident && schema.entid(ident) != null
        ? schema.attribute(schema.entid(ident)) : null;
    boolean isPlain = known != null && !known.isRef() && known.valueType() != ValueType.TUPLE;
    return isPlain ? value : value instanceof Map<?, ?> nested ? entityMap(nested) : anywhere(value);
  }

  /** Where an entity may stand. */
  private Object anywhere(Object value) {
    if (value instanceof Long id) {
      return id(id);
    }
    if (value instanceof Map<?, ?> nested) {
      return entityMap(nested);
    }
    if (value instanceof List<?> list) {
      if (list.size() == 2 && list.get(0) instanceof Keyword attribute) {
        List<Object> lookup = new ArrayList<>(List.of(attribute));
        lookup.add(value(attribute, list.get(1)));
        return lookup;
      }
      List<Object> mended = new ArrayList<>(list.size());
      list.forEach(element -> mended.add(anywhere(element)));
      return mended;
    }
    return value;
  }
}
