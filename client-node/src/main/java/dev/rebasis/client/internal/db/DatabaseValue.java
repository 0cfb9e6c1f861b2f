package dev.rebasis.client.internal.db;

import dev.rebasis.client.Database;
import dev.rebasis.conflict.LocalIds;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiPredicate;
import java.util.function.LongPredicate;
import java.util.stream.StreamSupport;

/**
 * A database value: a snapshot of the confirmed datoms with the overlay of the pending transactions laid over, merged
 * while it is read. The confirmed value is one with {@link Overlay#EMPTY}. Immutable; threads may share it.
 *
 * <p>Where an identifier is taken, a local (negative) id that is confirmed stands for the server's: the datoms in the
 * result carry the server's id. The local ids given to {@link #of} must therefore never change their answers, since the
 * value must not: whoever makes a value hands over the ids as they are at that moment.
 */
public final class DatabaseValue extends AbstractDatabase {
  private final IndexSnapshot confirmed;
  private final LateOrder lateOrder;
  private final Overlay overlay;
  private final long basisT;
  private final Schema schema;
  private final long nextNumber;

  private DatabaseValue(
      IndexSnapshot confirmed,
      LateOrder lateOrder,
      Overlay overlay,
      Schema schema,
      LocalIds ids,
      long basisT,
      Queries queries,
      long nextNumber) {
    super(ids, queries);
    this.confirmed = confirmed;
    this.lateOrder = lateOrder;
    this.overlay = Objects.requireNonNull(overlay, "overlay");
    this.basisT = basisT;
    this.schema = Objects.requireNonNull(schema, "schema");
    this.nextNumber = nextNumber;
  }

  /**
   * Makes a value.
   *
   * @param confirmed the confirmed datoms
   * @param overlay what the pending transactions change in them
   * @param ids the local ids that are confirmed; must give the same answers for ever
   * @param basisT the newest confirmed T, 0 if none
   * @param queries answers queries
   */
  public static DatabaseValue of(
      IndexSnapshot confirmed, Overlay overlay, LocalIds ids, long basisT, Queries queries) {
    return of(confirmed, overlay, overlay.schemaOn(confirmed.schema()), ids, basisT, queries);
  }

  /**
   * Makes a value whose schema is known already.
   *
   * @param schema equal to {@code overlay.schemaOn(confirmed.schema())}
   */
  public static DatabaseValue of(
      IndexSnapshot confirmed, Overlay overlay, Schema schema, LocalIds ids, long basisT, Queries queries) {
    Objects.requireNonNull(confirmed, "confirmed");
    return new DatabaseValue(
        confirmed, confirmed.lateOrder(), overlay, schema, ids, basisT, queries, Speculator.FIRST_NUMBER);
  }

  /** The confirmed datoms below the overlay. */
  public IndexSnapshot snapshot() {
    return confirmed;
  }

  /** What pending transactions change. */
  public Overlay overlay() {
    return overlay;
  }

  @Override
  public LocalIds localIds() {
    return super.localIds();
  }

  @Override
  public long basisT() {
    return basisT;
  }

  @Override
  public Schema schema() {
    return schema;
  }

  @Override
  public Database asOf(Object moment) {
    return DatabaseView.of(this).asOf(moment);
  }

  @Override
  public Database since(Object moment) {
    return DatabaseView.of(this).since(moment);
  }

  @Override
  public Database history() {
    return DatabaseView.of(this).history();
  }

  @Override
  public Database filter(BiPredicate<Database, Datom> test) {
    return DatabaseView.of(this).filter(test);
  }

  @Override
  public Long asOfT() {
    return null;
  }

  @Override
  public Long sinceT() {
    return null;
  }

  @Override
  public boolean isHistory() {
    return false;
  }

  @Override
  public boolean isFiltered() {
    return false;
  }

  @Override
  public boolean hasEachFactOnce() {
    return true;
  }

  @Override
  void checkUsable() {
    confirmed.checkUsable();
  }

  @Override
  public DatabaseValue whole() {
    return this;
  }

  @Override
  DatabaseValue with(Speculator.Tried tried) {
    Overlay more = overlay.apply(tried.datoms(), schema);
    return new DatabaseValue(
        confirmed, lateOrder, more, more.schemaOn(confirmed.schema()), localIds(), basisT, queries(), tried.nextNumber());
  }

  @Override
  long nextNumber() {
    return nextNumber;
  }

  // ---- walks

  @Override
  Iterable<Datom> scan(Scan scan) {
    boolean byValue = scan.order() == IndexOrder.AVET;
    if (byValue && scan.range().length() > 0) {
      checkInAvet(scan.range().first().a());
    }
    if (byValue && overlay.touchesSchema() && (scan.toEnd() || scan.range().length() == 0)) {
      return avetByAttribute(scan);
    }
    return overlay.isEmpty() ? confirmed.scan(scan) : merged(scan);
  }

  private Iterable<Datom> merged(Scan scan) {
    LongPredicate members = scan.order() == IndexOrder.AVET ? this::isInAvet : a -> true;
    Scan facts = scan.ofFacts();
    return overlay.over(isInLateOrder(facts) ? lateOrder.scan(facts) : confirmed.scan(facts), scan, members);
  }

  private boolean isInAvet(long a) {
    Attribute attribute = schema.attribute(a);
    return attribute != null && attribute.isInAvet();
  }

  private void checkInAvet(long a) {
    if (!isInAvet(a)) {
      Keyword ident = schema.ident(a);
      Object name = ident == null ? (Object) a : ident;
      throw new RebasisException(
          Keyword.of(":db.error/attribute-not-indexed"), ErrorCategory.FIX_REQUEST,
          "The attribute " + name + " has no index by value. Give it :db/index true or :db/unique, or read it in"
              + " another order.",
          Map.of(Keyword.of(":attribute"), name), null);
    }
  }

  // ---- AVET of attributes that a pending transaction put in: the confirmed index does not hold them

  private boolean isNewlyIndexed(long a) {
    Attribute before = overlay.touchesSchema() ? confirmed.schema().attribute(a) : null;
    return before != null && !before.isInAvet();
  }

  private boolean isInLateOrder(Scan scan) {
    return scan.order() == IndexOrder.AVET && scan.range().length() > 0 && isNewlyIndexed(scan.range().first().a());
  }

  /** AVET from a place on, attribute by attribute, while a pending transaction changes the schema. */
  private Iterable<Datom> avetByAttribute(Scan scan) {
    Comparator<Long> ids = scan.backwards() ? Comparator.reverseOrder() : Comparator.naturalOrder();
    Datom begin = scan.begin();
    List<Long> attributes = schema.attributes().stream()
        .filter(Attribute::isInAvet)
        .map(Attribute::id)
        .filter(a -> begin == null || ids.compare(a, scan.range().first().a()) >= 0)
        .sorted(ids)
        .toList();
    return () -> new ChainedDatoms(attributes.stream().map(a -> ofAttribute(a, scan)).iterator());
  }

  private Iterable<Datom> ofAttribute(long a, Scan scan) {
    Datom begin = scan.begin();
    boolean first = begin != null && scan.range().first().a() == a;
    if (first) {
      return () -> StreamSupport.stream(merged(scan).spliterator(), false)
          .takeWhile(datom -> datom.a() == a).iterator();
    }
    return merged(new Scan(Prefix.of(IndexOrder.AVET, a), false, scan.history(), scan.backwards()));
  }

  // ---- estimates

  @Override
  long estimate(Prefix range) {
    return estimate(range, false);
  }

  /** How many datoms a range has, or had ever. */
  long estimate(Prefix given, boolean history) {
    Prefix range = given.ofFact();
    if (overlay.isEmpty()) {
      return confirmedEstimate(range, history);
    }
    long below = isInLateOrder(Scan.of(range)) ? lateOrder.count(range, history) : confirmedEstimate(range, history);
    return below + overlay.estimate(range);
  }

  private long confirmedEstimate(Prefix range, boolean history) {
    return history
        ? confirmed.historyEstimate(range.order(), range.components())
        : confirmed.estimate(range.order(), range.components());
  }
}
