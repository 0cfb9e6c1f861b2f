package dev.rebasis.server.internal.scope;

import datomic.Database;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Schema;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import dev.rebasis.digest.Digest;
import dev.rebasis.protocol.ScopeSpec;
import dev.rebasis.server.internal.master.DatomicFactView;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * A part of the database at one T, moved from transaction to transaction. Confined: one caller at a time.
 *
 * <p>The part is a set of entities, whole: those that the scopes find, and what comes with these, in what the user may see.
 * Scopes are answered on a filtered value that holds nothing else, so that a query tells nothing about the rest. To the part
 * belong always, whatever the scopes say, the entities of the schema and all names ({@code :db/ident}); and with every
 * transaction of which something is seen, its own entity.
 *
 * <p>The invariant, which {@code ScopeStateTest} checks with random histories: the members are those that a new state at the same T
 * has, and whoever applies the steps one after the other holds exactly the datoms of the part.
 */
public final class ScopeState {
  private final PartRule rule;
  private final Supplier<Schema> schema;
  private final MemberRoom room;
  private final List<EntitySet> scopes;
  private final List<EntitySet> readable;
  private final Set<Long> members = new HashSet<>();
  private Database db;
  private long t;
  private DigestTrail trail;

  /**
   * The part as of a T, for whoever waits as long as it takes.
   *
   * @param rule what is in it; checked
   * @param db the value as of that T
   * @param schema the newest schema, or that of the T
   * @throws dev.rebasis.error.RebasisException {@code :rebasis.error/scope} if a query cannot be answered
   */
  public ScopeState(PartRule rule, Database db, long t, Supplier<Schema> schema) {
    this(rule, db, t, schema, QueryTime.ENDLESS);
  }

  /** The same, whose queries may take so much time, now and later. */
  public ScopeState(PartRule rule, Database db, long t, Supplier<Schema> schema, QueryTime time) {
    this(rule, db, t, schema, time, MemberRoom.ENDLESS);
  }

  /** The same, which may also take so much memory; beyond it, nothing of it is of use any more. */
  public ScopeState(PartRule rule, Database db, long t, Supplier<Schema> schema, QueryTime time, MemberRoom room) {
    this.rule = rule;
    this.room = room;
    this.schema = schema;
    this.db = db;
    this.t = t;
    this.scopes = rule.scopes() == null ? null : rule.scopes().stream().map(spec -> set(spec, time.scopeMillis())).toList();
    this.readable = rule.readable() == null ? null : rule.readable().stream().map(sight -> set(sight, time.sightMillis())).toList();
    Set<Long> changed = new HashSet<>();
    if (readable != null) {
      readable.forEach(sight -> sight.evaluate(db, changed));
    }
    if (scopes != null) {
      Database seen = seen(db);
      scopes.forEach(scope -> scope.evaluate(seen, changed));
    }
    changed.stream().filter(this::isMember).forEach(members::add);
    room.changed(MemberRoom.MEMBER_BYTES * members.size());
  }

  private EntitySet set(ScopeSpec spec, LongSupplier millisLeft) {
    return new QueriedSet(
        EntityQuery.of(spec.name(), spec.query(), spec.inputs()).within(millisLeft), Reach.of(spec.name(), spec.pull()), schema, room);
  }

  /** The value that scopes are answered on. */
  private Database seen(Database whole) {
    if (readable == null && rule.hidden().isEmpty()) {
      return whole;
    }
    Set<Long> hidden = HiddenAttributes.of(rule.hidden(), schema.get());
    // What quotes values must not be asked either: each question would tell a bit of them.
    hidden.addAll(HiddenAttributes.ids(HiddenAttributes.CONFLICTS, schema.get()));
    hidden.addAll(HiddenAttributes.ids(HiddenAttributes.QUOTING, schema.get()));
    return whole.filter((Database.Predicate<datomic.Datom>) (database, datom) -> {
      long e = ((Number) datom.e()).longValue();
      long a = ((Number) datom.a()).longValue();
      return !hidden.contains(a)
          && (readable == null || isOfSchema(e, a) || isReadable(e));
    });
  }

  private EntitySet set(Sight sight, long millisMax) {
    return sight.query() != null ? set(sight.query(), () -> millisMax) : new ChosenSet(sight.predicate(), sight.user(), schema, room);
  }

  private boolean isReadable(long e) {
    return readable == null || readable.stream().anyMatch(sight -> sight.contains(e));
  }

  private boolean isMember(long e) {
    return !EntityIds.isSchema(e) && isReadable(e)
        && (scopes == null || scopes.stream().anyMatch(scope -> scope.contains(e)));
  }

  /** Whether a fact is seen whatever the scopes are. */
  static boolean isOfSchema(long e, long a) {
    return EntityIds.isSchema(e) || SystemIds.isSchemaAttribute(a);
  }

  /** The T. */
  public long t() {
    return t;
  }

  /** The value as of the T. */
  public Database database() {
    return db;
  }

  /** What is in the part. */
  public PartRule rule() {
    return rule;
  }

  /** The entities of the part, those of the schema aside; a live view. */
  public Set<Long> members() {
    return Collections.unmodifiableSet(members);
  }

  /** Whether a fact is one of the part's, transaction entities aside. */
  public boolean has(Datom datom) {
    return isOfSchema(datom.e(), datom.a()) || members.contains(datom.e());
  }

  // ---- moving on

  /**
   * Moves on.
   *
   * @param transaction the next one
   * @param after the value after it
   * @param record how the transaction's own entity is read
   */
  public ScopeStep advance(Transaction transaction, Database after, TransactionRecord record) {
    Change change = new Change(transaction, db, after, schema.get());
    Set<Long> changed = new HashSet<>();
    if (readable != null) {
      readable.forEach(sight -> sight.advance(change, after, Set.of(), changed));
    }
    if (scopes != null) {
      Database seen = seen(after);
      Set<Long> sighted = Set.copyOf(changed);
      scopes.forEach(scope -> scope.advance(change, seen, sighted, changed));
    }
    List<Long> entering = new ArrayList<>();
    List<Long> leaving = new ArrayList<>();
    for (long e : new TreeSet<>(changed)) {
      boolean is = isMember(e);
      if (is != members.contains(e)) {
        (is ? entering : leaving).add(e);
      }
    }
    members.addAll(entering);
    leaving.forEach(members::remove);
    room.changed(MemberRoom.MEMBER_BYTES * (entering.size() - leaving.size()));
    ScopeStep step = step(change, entering, leaving, record);
    if (trail != null && step.seen() != null) {
      follow(step.seen(), leaving, change.before());
    }
    db = after;
    t = transaction.t();
    return step;
  }

  private ScopeStep step(Change change, List<Long> entering, List<Long> leaving, TransactionRecord record) {
    Transaction transaction = change.transaction();
    Set<Long> whole = new HashSet<>();
    entering.stream().filter(e -> isThere(change.before(), e)).forEach(whole::add);
    Set<Long> gone = new HashSet<>();
    leaving.stream().filter(e -> !isThere(change.after(), e)).forEach(gone::add);
    List<Datom> datoms = new ArrayList<>();
    for (Datom datom : transaction.datoms()) {
      boolean stays = members.contains(datom.e()) && !whole.contains(datom.e()) || gone.contains(datom.e());
      if (datom.e() != transaction.tx() && (stays || isOfSchema(datom.e(), datom.a()))) {
        datoms.add(datom);
      }
    }
    List<Long> withdrawn = new ArrayList<>();
    leaving.stream().filter(e -> !gone.contains(e)).forEach(withdrawn::add);
    record.conflictsAbout(List.copyOf(withdrawn), change.before(), withdrawn::add);
    withdrawn.addAll(whole);
    boolean isSeen = !datoms.isEmpty() || !withdrawn.isEmpty();
    List<Datom> entered = wholeDatoms(whole, change.after(), transaction.tx());
    long client = record.client(transaction);
    return new ScopeStep(transaction.t(),
        isSeen ? joined(transaction.t(), record.shared(transaction), datoms, entered, withdrawn) : null, client,
        record.user(transaction),
        client == 0 ? null : joined(transaction.t(), record.own(transaction), datoms, entered, withdrawn));
  }

  private static Transaction joined(
      long t, List<Datom> record, List<Datom> datoms, List<Datom> entered, List<Long> withdrawn) {
    List<Datom> all = new ArrayList<>(record.size() + datoms.size() + entered.size());
    all.addAll(record);
    all.addAll(datoms);
    all.addAll(entered);
    return new Transaction(t, List.copyOf(all), List.copyOf(withdrawn));
  }

  private static boolean isThere(Database db, long e) {
    return db.datoms(Database.EAVT, e).iterator().hasNext();
  }

  /** All that is current of some entities, and the times of the transactions that asserted it. */
  public static List<Datom> wholeDatoms(Collection<Long> entities, Database db, long tx) {
    List<Datom> datoms = new ArrayList<>();
    Set<Long> transactions = new TreeSet<>();
    for (long e : entities) {
      for (Datom datom : ofEntity(e, db)) {
        if (datom.a() != SystemIds.DB_FN) {
          datoms.add(datom);
          transactions.add(datom.tx());
        }
      }
    }
    transactions.remove(tx);
    for (long asserting : transactions) {
      for (datomic.Datom instant : db.datoms(Database.EAVT, asserting, SystemIds.DB_TX_INSTANT)) {
        datoms.add(DatomicFactView.translate(instant));
      }
    }
    return datoms;
  }

  // ---- the digest

  /**
   * The digest of the part's current datoms at a T; empty if that T is too old. The first call reads the whole part, later
   * ones follow.
   */
  public Optional<Digest> digest(long wanted) {
    if (trail == null) {
      trail = new DigestTrail(t);
      readWhole();
    }
    return wanted > t ? Optional.empty() : trail.notAfter(wanted);
  }

  private void readWhole() {
    for (datomic.Datom found : db.datoms(Database.EAVT)) {
      if (!EntityIds.isSchema(((Number) found.e()).longValue())) {
        break;
      }
      trail.add(DatomicFactView.translate(found));
    }
    for (long a : SystemIds.schemaAttributes()) {
      for (datomic.Datom found : db.datoms(Database.AEVT, a)) {
        if (!EntityIds.isSchema(((Number) found.e()).longValue())) {
          trail.add(DatomicFactView.translate(found));
        }
      }
    }
    members.forEach(e -> ofEntity(e, db).forEach(trail::add));
  }

  /** What is current of an entity, but for what is of the schema. */
  private static List<Datom> ofEntity(long e, Database db) {
    List<Datom> datoms = new ArrayList<>();
    for (datomic.Datom found : db.datoms(Database.EAVT, e)) {
      Datom datom = DatomicFactView.translate(found);
      if (!isOfSchema(e, datom.a())) {
        datoms.add(datom);
      }
    }
    return datoms;
  }

  private void follow(Transaction seen, List<Long> leaving, Database before) {
    trail.step(seen);
    Set<Long> withdrawn = Set.copyOf(seen.withdrawn());
    for (long e : leaving) {
      // Of those that are gone altogether the retractions were sent.
      if (withdrawn.contains(e)) {
        ofEntity(e, before).forEach(trail::remove);
      }
    }
    for (Datom datom : seen.datoms()) {
      if (datom.added()) {
        trail.add(datom);
      } else {
        trail.retract(datom, before);
      }
    }
  }
}
