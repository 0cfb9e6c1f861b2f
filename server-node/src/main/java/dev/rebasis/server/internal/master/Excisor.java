package dev.rebasis.server.internal.master;

import datomic.Database;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.ValueType;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.Fork;
import dev.rebasis.protocol.RebasisSchema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Rewrites a log without what is to be excised. {@code datomic:mem} takes a request to excise and keeps the facts, so the
 * database is built again: the old log is replayed into one database and, row by row, what is left of it into another, and
 * what comes of the two is compared. A row whose forms give just what is expected stays as it is; any other is written anew
 * from the facts that are left, each entity that it made made again in the same order, so that all ids and Ts stay, and with
 * {@code :rebasis/excised true} on each entity about which something went and on the transaction. Confined to one excision.
 */
final class Excisor {
  private static final long USER_PARTITION = 4L << 42;
  /** Ids below are the schema's. */
  private static final long USER_IDS = 1L << 42;
  private static final Keyword DOC = Names.DB_DOC;
  private static final Keyword CANNOT = Keyword.of(":rebasis.error/cannot-excise");

  private final ExcisionRequests requests;
  private final MemoryDatabase old = new MemoryDatabase();
  private final MemoryDatabase fresh = new MemoryDatabase();
  /** Facts that are there in the old database and are excised: what retracts them retracts nothing any more. */
  private final Set<List<Object>> gone = new HashSet<>();
  /** Entities of which a composite tuple lost a part: Datomic composes these tuples anew, of what is left. */
  private final Set<Long> recomposed = new HashSet<>();
  private final MasterLog target;
  private long excised;

  private Excisor(ExcisionRequests requests, MasterLog target) {
    this.requests = requests;
    this.target = target;
  }

  /**
   * Writes a new log.
   *
   * @param source the old one, not replayed yet
   * @param target an empty log
   * @param id of the excision
   * @return how many facts went; 0 if nothing was requested, and then nothing was written
   */
  static long run(MasterLog source, String name, MasterLog target, UUID id) {
    ExcisionRequests requests;
    try (MemoryDatabase whole = new MemoryDatabase()) {
      source.replay((t, txInstant, forms) -> whole.commit(forms, txInstant));
      requests = new ExcisionRequests(whole.now(), whole.schema());
    }
    if (requests.isEmpty()) {
      return 0;
    }
    Excisor excisor = new Excisor(requests, target);
    try (excisor.old; excisor.fresh) {
      List<LogRows.Row> ahead = new ArrayList<>();
      source.read(Long.MAX_VALUE, row -> {
        if (!ahead.isEmpty()) {
          excisor.row(ahead.remove(0), row.t(), name);
        }
        ahead.add(row);
      });
      excisor.row(ahead.get(0), -1, name);
      excisor.record(id);
      target.force();
      return excisor.excised;
    }
  }

  private void row(LogRows.Row row, long nextT, String name) {
    Schema schemaBefore = old.schema();
    List<?> forms = row.readForms(name);
    Committed was = old.commit(forms, row.txInstant());
    long next = nextT < 0 ? old.nextT() : nextT;
    Set<Long> marked = new LinkedHashSet<>();
    List<Datom> left = left(was, marked);
    List<?> kept = marked.isEmpty() && gives(forms, was, left) ? forms : rewritten(was, left, marked, next, schemaBefore, name);
    Committed now = committed(kept, row, name);
    if (now.t() != was.t() || fresh.nextT() != next || !facts(now.transaction().datoms()).equals(facts(left))) {
      throw differs(name, was.t());
    }
    target.append(List.of(now));
  }

  private Committed committed(List<?> forms, LogRows.Row row, String name) {
    try {
      return fresh.commit(forms, row.txInstant());
    } catch (TransactionException e) {
      throw new RebasisException(CANNOT, ErrorCategory.ASK_PERSON, "The log " + name + " cannot be written without the excised facts: at T "
          + row.t() + " Datomic refuses what is left (" + e.getMessage() + "). Nothing was changed. If entities would have the same unique"
          + " composite tuple without a part of it, have them excised whole, or another part.", Map.of(Keyword.of(":t"), row.t()), e);
    }
  }

  /** What is left of a transaction's facts. */
  private List<Datom> left(Committed was, Set<Long> marked) {
    List<Datom> left = new ArrayList<>();
    List<Datom> composites = new ArrayList<>();
    Set<List<Object>> ended = new HashSet<>();
    for (Datom datom : was.transaction().datoms()) {
      if (isComposite(datom)) {
        composites.add(datom);
        continue;
      }
      List<Object> fact = List.of(datom.e(), datom.a(), datom.v());
      boolean goes = requests.excises(datom, was.t(), was.txInstant());
      if (datom.added()) {
        gone.remove(fact);
        if (goes) {
          gone.add(fact);
        }
      } else if (gone.remove(fact)) {
        goes = true;
        ended.add(fact);
      }
      if (goes) {
        excised++;
        marked.add(datom.e());
      } else {
        left.add(datom);
      }
    }
    // They follow from their parts, whatever was asked for.
    for (Datom composite : composites) {
      if (hasPartOf(composite, gone) || hasPartOf(composite, ended)) {
        excised++;
        marked.add(composite.e());
        recomposed.add(composite.e());
      } else {
        left.add(composite);
      }
    }
    return left;
  }

  private boolean isComposite(Datom datom) {
    Attribute attribute = old.schema().attribute(datom.a());
    return attribute != null && !attribute.tupleAttributes().isEmpty();
  }

  private boolean hasPartOf(Datom composite, Set<List<Object>> facts) {
    List<Long> parts = old.schema().attribute(composite.a()).tupleAttributes();
    List<?> values = (List<?>) composite.v();
    for (int i = 0; i < parts.size(); i++) {
      if (values.get(i) != null && facts.contains(List.of(composite.e(), parts.get(i), values.get(i)))) {
        return true;
      }
    }
    return false;
  }

  private boolean gives(List<?> forms, Committed was, List<Datom> left) {
    try {
      MasterDatabase.Tried tried = MasterDatabase.tried(fresh.now(), forms);
      Map<String, Long> ids = new TreeMap<>(was.tempids());
      ids.keySet().retainAll(tried.tempids().keySet());
      // The transaction's own tempid stands in the form that gives its time, which is not tried.
      return tried.transaction().t() == was.t() && tried.tempids().equals(ids)
          && facts(tried.transaction().datoms()).equals(facts(left));
    } catch (TransactionException e) {
      // It stands on something that is gone, such as the value of a compare-and-set.
      return false;
    }
  }

  /** What is compared: not the transaction's own time, not the marks, not the tuples that Datomic composes anew. */
  private Set<List<Object>> facts(List<Datom> datoms) {
    Set<List<Object>> facts = new HashSet<>();
    for (Datom datom : datoms) {
      boolean ownTime = datom.a() == SystemIds.DB_TX_INSTANT && datom.e() == datom.tx();
      if (!ownTime && !(isComposite(datom) && recomposed.contains(datom.e()))
          && !RebasisSchema.EXCISED.equals(fresh.schema().ident(datom.a()))) {
        facts.add(List.of(datom.e(), datom.a(), datom.v(), datom.added()));
      }
    }
    return facts;
  }

  private List<Object> rewritten(
      Committed was, List<Datom> left, Set<Long> marked, long nextT, Schema schema, String name) {
    Map<Long, String> names = new LinkedHashMap<>();
    List<Object> forms = new ArrayList<>();
    for (long n = was.t() + 1; n < nextT; n++) {
      String tempid = "e" + n;
      names.put(USER_PARTITION | n, tempid);
      // A retraction of what was never there makes Datomic give an id, in this order.
      forms.add(List.of(Names.DB_RETRACT, tempid, DOC, ""));
    }
    names.put(was.transaction().tx(), "datomic.tx");
    // Attributes get ids of a counter of their own, in the order in which they are first met.
    left.stream().map(Datom::e).filter(this::isNewSchema).sorted().forEach(e -> names.put(e, "s" + e));
    List<Datom> ordered = new ArrayList<>(left);
    ordered.sort(Comparator.comparingLong(datom -> names.getOrDefault(datom.e(), "").startsWith("s") ? datom.e() : Long.MAX_VALUE));
    for (Datom datom : ordered) {
      Attribute attribute = schema.attribute(datom.a());
      if (attribute == null) {
        throw differs(name, was.t());
      }
      if (!isDatomicsOwn(datom, attribute, was.transaction().tx()) && !isReplaced(datom, attribute, left)) {
        forms.add(Arrays.asList(datom.added() ? Names.DB_ADD : Names.DB_RETRACT, named(datom.e(), names), attribute.ident(),
            value(attribute, datom.v(), names)));
      }
    }
    if (fresh.schema().entid(RebasisSchema.EXCISED) != null) {
      marked.forEach(e -> forms.add(List.of(Names.DB_ADD, named(e, names), RebasisSchema.EXCISED, true)));
      // An entity bears the mark since the first such transaction; the others are told by their own.
      forms.add(List.of(Names.DB_ADD, "datomic.tx", RebasisSchema.EXCISED, true));
    }
    return forms;
  }

  private boolean isNewSchema(long e) {
    return e < USER_IDS && !fresh.now().datoms(Database.EAVT, e).iterator().hasNext();
  }

  /** What Datomic writes by itself: composite tuples, the list of attributes, and here the transaction's time. */
  private static boolean isDatomicsOwn(Datom datom, Attribute attribute, long tx) {
    return !attribute.tupleAttributes().isEmpty() || attribute.id() == SystemIds.DB_INSTALL_ATTRIBUTE
        || attribute.id() == SystemIds.DB_ALTER_ATTRIBUTE || datom.a() == SystemIds.DB_TX_INSTANT && datom.e() == tx;
  }

  /** An attribute is altered by an assertion alone: Datomic takes a retraction for the wish that it should have none. */
  private static boolean isReplaced(Datom datom, Attribute attribute, List<Datom> all) {
    return !datom.added() && datom.e() < USER_IDS && !attribute.isMany()
        && all.stream().anyMatch(other -> other.added() && other.e() == datom.e() && other.a() == datom.a());
  }

  private static Object named(long id, Map<Long, String> names) {
    String name = names.get(id);
    return name == null ? (Object) id : name;
  }

  private static Object value(Attribute attribute, Object value, Map<Long, String> names) {
    if (attribute.isRef()) {
      return named((Long) value, names);
    }
    if (attribute.valueType() != ValueType.TUPLE || !attribute.tupleTypes().contains(ValueType.REF)) {
      return value;
    }
    List<ValueType> types = attribute.tupleTypes();
    List<Object> elements = new ArrayList<>();
    for (Object element : (List<?>) value) {
      ValueType type = types.get(types.size() == 1 ? 0 : elements.size());
      elements.add(type == ValueType.REF && element != null ? named((Long) element, names) : element);
    }
    return Collections.unmodifiableList(elements);
  }

  /** Notes in the new log that it was done, which has every client load anew. */
  private void record(UUID id) {
    List<Object> forms = new ArrayList<>();
    for (long request : requests.entities()) {
      forms.add(List.of(Names.DB_ADD, request, RebasisSchema.EXCISION_DONE, true));
    }
    Map<Object, Object> database = new LinkedHashMap<>();
    database.put(Names.DB_ID, RebasisSchema.DATABASE);
    database.put(RebasisSchema.DB_FORKS, List.of(List.of(0L, Fork.EXCISION, id)));
    forms.add(database);
    target.append(List.of(fresh.commit(forms, fresh.lastInstant())));
  }

  private static RebasisException differs(String name, long t) {
    return new RebasisException(CANNOT, ErrorCategory.ASK_PERSON, "The log " + name
        + " without the excised facts differs at T " + t + " in more than these. Nothing was changed. Report this.",
        Map.of(Keyword.of(":t"), t), null);
  }
}
