package dev.rebasis.client.internal.query;

import dev.rebasis.client.internal.db.DatomSource;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import java.util.BitSet;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * A data pattern on a database, with the cost model of its two joins. Confined to one plan.
 *
 * <p>Looking up costs a descent into the index for each row so far; hashing costs reading all facts that the pattern's
 * constants leave, once. The figures are those measured for the index, rounded. Since a look-up join counts its rows and
 * changes over to hashing when they have cost as much as the table, a wrong estimate at most doubles the cost.
 */
final class PatternItem implements PlanItem {
  private static final BitSet NONE = new BitSet();
  private static final double LOOKUP = 1.0;
  private static final double ROW = 0.05;
  private static final double TABLE_ROW = 0.15;
  private static final double PROBE = 0.05;
  private static final double SELECTIVITY_UNKNOWN = 0.1;
  private static final double FACTS_OF_ENTITY = 10;
  private static final double FACTS_OF_UNKNOWN_ATTRIBUTE = 1_000;
  private static final double FACTS_OF_VALUE = 10;
  // How far an estimate must be on one side to be trusted without a trial.
  private static final double CERTAINTY = 3;
  private static final double SHARE_IN_HALF_OPEN_RANGE = 0.3;
  private static final double SHARE_IN_RANGE = 0.1;

  private final Places places;
  private final DatomSource datoms;
  private final Statistics statistics;
  private final int frameSize;
  private final boolean awaitsValue;
  private final BitSet slots = new BitSet();
  private double count = -1;
  private double constantRows = -1;
  private Statistics.Spread spread;

  /**
   * Makes the item.
   *
   * @param awaitsValue whether it can only come when the variable of its value is bound: an input gives values of another
   *     type there, which stand for those of the facts and must stay what they are
   */
  PatternItem(Places places, DatomSource datoms, Statistics statistics, int frameSize, boolean awaitsValue) {
    this.awaitsValue = awaitsValue;
    this.places = places;
    this.datoms = datoms;
    this.statistics = statistics;
    this.frameSize = frameSize;
    for (int i = 0; i < Places.COUNT; i++) {
      if (places.slot(i) >= 0) {
        slots.set(places.slot(i));
      }
    }
  }

  @Override
  public Object form() {
    return places.clause().form();
  }

  @Override
  public BitSet slots() {
    return slots;
  }

  @Override
  public boolean keepsRowsApart() {
    return datoms.hasEachFactOnce() && isNamed(Places.E) && isNamed(Places.A) && isNamed(Places.V);
  }

  private boolean isNamed(int place) {
    return places.slot(place) >= 0 || places.constant(place) != null;
  }

  @Override
  public String way(BitSet bound) {
    return Access.path(places, bound).name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  @Override
  public Estimate estimate(BitSet bound, double rows) {
    Access.Path path = Access.path(places, bound);
    if (path == Access.Path.NONE || awaitsValue && !bound.get(places.slot(Places.V))) {
      return null;
    }
    double matches = matches(path, bound);
    double byLookup = lookupCost(path, bound, rows, matches);
    double byHash = canHash() ? hashCost(rows) : Double.MAX_VALUE;
    // What is not known to be a reference is looked for among references only when nothing else is left to do.
    double penalty = path == Access.Path.REFERENCE ? Estimate.LAST_RESORT : 0;
    return new Estimate(Math.min(byLookup, byHash) + rows * matches * ROW + penalty, rows * matches);
  }

  private double lookupCost(Access.Path path, BitSet bound, double rows, double matches) {
    boolean scans = path == Access.Path.ATTRIBUTE && Access.isKnown(places, Places.V, bound);
    return rows * (LOOKUP + (scans ? count() * ROW : 0));
  }

  private double hashCost(double rows) {
    return scanned() * TABLE_ROW + rows * PROBE;
  }

  private boolean canHash() {
    return places.attribute() != null;
  }

  /** Facts read for a table: those that the constants leave. */
  private double scanned() {
    boolean scansAll = Access.path(places, NONE) == Access.Path.ATTRIBUTE;
    return scansAll ? count() : constantRows();
  }

  /** Matches for each row so far. */
  private double matches(Access.Path path, BitSet bound) {
    boolean value = Access.isKnown(places, Places.V, bound);
    double matches = switch (path) {
      case ENTITY_ATTRIBUTE -> ofEntityAndAttribute(value);
      case ENTITY -> value ? 1 : places.slot(Places.E) < 0
          ? datoms.estimate(IndexOrder.EAVT, places.constant(Places.E)) : FACTS_OF_ENTITY;
      case ATTRIBUTE_VALUE -> places.slot(Places.V) < 0 ? constantRows() : spread().perValue();
      case ATTRIBUTE -> places.attribute() == null ? FACTS_OF_UNKNOWN_ATTRIBUTE : value ? spread().perValue() : count();
      case RANGE -> count() * shareInRange();
      case REFERENCE, ANY_ATTRIBUTE_VALUE -> FACTS_OF_VALUE;
      case NONE -> throw new IllegalStateException("No access.");
    };
    return Access.isKnown(places, Places.TX, bound) ? matches * SELECTIVITY_UNKNOWN : matches;
  }

  private double shareInRange() {
    return places.range().low() == null || places.range().high() == null ? SHARE_IN_HALF_OPEN_RANGE : SHARE_IN_RANGE;
  }

  private double ofEntityAndAttribute(boolean value) {
    Attribute attribute = places.attribute();
    if (attribute == null) {
      return value ? SELECTIVITY_UNKNOWN : 1;
    }
    double perEntity = attribute.isMany() ? spread().perEntity() : 1;
    if (!value) {
      return perEntity;
    }
    boolean constant = places.slot(Places.V) < 0;
    double withValue = constant && Access.isIndexed(attribute) ? constantRows() : spread().perValue();
    return Math.min(1, perEntity * withValue / Math.max(1, count()));
  }

  private double count() {
    if (count < 0) {
      count = datoms.estimate(IndexOrder.AEVT, places.attribute().id());
    }
    return count;
  }

  /** Facts that the constants leave, variables not counted. */
  private double constantRows() {
    if (constantRows < 0) {
      constantRows = switch (Access.path(places, NONE)) {
        case ENTITY_ATTRIBUTE -> places.attribute().isMany()
            ? datoms.estimate(IndexOrder.EAVT, places.constant(Places.E), places.attribute().id()) : 1;
        case ATTRIBUTE_VALUE -> places.attribute().isRef()
            ? datoms.estimate(IndexOrder.VAET, places.constant(Places.V), places.attribute().id())
            : datoms.estimate(IndexOrder.AVET, places.attribute().id(), places.constant(Places.V));
        case RANGE -> count() * shareInRange();
        default -> count();
      };
    }
    return constantRows;
  }

  private Statistics.Spread spread() {
    if (spread == null) {
      spread = statistics.spread(datoms, places.attribute(), count());
    }
    return spread;
  }

  @Override
  public Step build(BitSet bound, double rows, boolean first, boolean onlyExists) {
    Access access = Access.of(places, datoms, bound);
    Step lookup = new LookupStep(access, FactMatch.of(places, bound, access.covered()), onlyExists);
    if (first || !canHash()) {
      return lookup;
    }
    Step hash = hash(bound, onlyExists);
    Access.Path path = Access.path(places, bound);
    double lookupCost = lookupCost(path, bound, 1, 1);
    double rowsWorthTable = scanned() * TABLE_ROW / lookupCost;
    boolean hashAtOnce = rows > rowsWorthTable * CERTAINTY || lookupCost > LOOKUP;
    return hashAtOnce ? hash : new AdaptiveStep(lookup, hash, (long) Math.ceil(rowsWorthTable));
  }

  private Step hash(BitSet bound, boolean onlyExists) {
    BitSet keys = (BitSet) slots.clone();
    keys.and(bound);
    BitSet fresh = (BitSet) slots.clone();
    fresh.andNot(bound);
    Access scan = Access.of(places, datoms, NONE);
    FactMatch match = FactMatch.of(places, NONE, scan.covered());
    HashStep.Rows table = action -> scan(scan, match, action);
    return new HashStep(table, keys.stream().toArray(), fresh.stream().toArray(), onlyExists);
  }

  private void scan(Access access, FactMatch match, Consumer<Object[]> action) {
    Object[] frame = new Object[frameSize];
    for (Datom datom : access.scan(frame)) {
      if (match.accept(datom, frame)) {
        action.accept(frame);
      }
    }
  }
}
