package dev.rebasis.client.internal.db;

import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Values;
import java.util.Arrays;

/**
 * The leading components of an index order, as a range of datoms. A value stands for all that Datomic's indexes take for the
 * same ({@link Values#compareByValue}): 1.00M for 1.0M too; but where the transaction is given as well, for itself only. Immutable.
 *
 * @param order which index
 * @param first the components; those not given are the smallest there are
 * @param length how many components are given, 0 to 4
 */
public record Prefix(IndexOrder order, Datom first, int length) {

  /**
   * The range of these components.
   *
   * @param components ids as {@code Long}, values in normal form, in the order's own order
   * @throws IllegalArgumentException if there are more than four, or an id is no {@code Long}
   */
  public static Prefix of(IndexOrder order, Object... components) {
    int n = components.length;
    if (n > 4) {
      throw new IllegalArgumentException("A datom has four components to look up by, not " + n + ".");
    }
    long tx = n > 3 ? id(components[3]) : Long.MIN_VALUE;
    Datom first = switch (order) {
      case EAVT -> new Datom(idAt(components, 0), idAt(components, 1), valueAt(components, 2), tx, false);
      case AEVT -> new Datom(idAt(components, 1), idAt(components, 0), valueAt(components, 2), tx, false);
      case AVET -> new Datom(idAt(components, 2), idAt(components, 0), valueAt(components, 1), tx, false);
      case VAET -> new Datom(idAt(components, 2), idAt(components, 1), valueAt(components, 0), tx, false);
    };
    return new Prefix(order, first, n);
  }

  /** Not larger than any datom with these components: where a walk begins. */
  public Datom begin() {
    // Before the forms of one value an entity is given, or not: then the smallest comes before them all.
    return length == 3 && Values.hasSeveralForms(first.v())
        ? new Datom(first.e(), first.a(), Values.before(first.v()), Long.MIN_VALUE, false) : first;
  }

  /**
   * Not smaller than any datom with these components, and smaller than any behind them: where a walk backwards begins.
   * Needs at least one component.
   */
  public Datom behind() {
    long e = first.e();
    long a = first.a();
    if (length >= 3) {
      return length == 4 ? new Datom(e, a, first.v(), first.tx(), true)
          : new Datom(e, a, Values.behind(first.v()), Long.MAX_VALUE, true);
    }
    // A component that is not given is the largest there is. There is no largest value, but a smallest: null.
    return switch (order) {
      case EAVT -> length == 1 ? largest(e, Long.MAX_VALUE, null) : largest(e, a + 1, null);
      case AEVT -> length == 1 ? largest(Long.MAX_VALUE, a, null) : largest(e + 1, a, null);
      case AVET -> length == 1 ? largest(e, a + 1, null) : largest(Long.MAX_VALUE, a, first.v());
      case VAET -> length == 1 ? largest(e, Long.MAX_VALUE, first.v()) : largest(Long.MAX_VALUE, a, first.v());
    };
  }

  private static Datom largest(long e, long a, Object v) {
    return new Datom(e, a, v, v == null ? Long.MIN_VALUE : Long.MAX_VALUE, v != null);
  }

  /** Whether the datom has the given components. */
  public boolean matches(Datom datom) {
    if (length == 0) {
      return true;
    }
    boolean same = switch (order) {
      case EAVT -> datom.e() == first.e()
          && (length < 2 || datom.a() == first.a())
          && (length < 3 || isSame(datom.v()));
      case AEVT -> datom.a() == first.a()
          && (length < 2 || datom.e() == first.e())
          && (length < 3 || isSame(datom.v()));
      case AVET -> datom.a() == first.a()
          && (length < 2 || isSame(datom.v()))
          && (length < 3 || datom.e() == first.e());
      case VAET -> isSame(datom.v())
          && (length < 2 || datom.a() == first.a())
          && (length < 3 || datom.e() == first.e());
    };
    return same && (length < 4 || datom.tx() == first.tx());
  }

  private boolean isSame(Object v) {
    return v.equals(first.v()) || length < 4 && Values.hasSeveralForms(v) && Values.compareByValue(v, first.v()) == 0;
  }

  /** Negative if the datom lies before the range, zero if in it, positive if behind it. */
  public int compare(Datom datom) {
    int c = 0;
    for (int i = 0; c == 0 && i < length; i++) {
      c = compareComponent(datom, i);
    }
    return c;
  }

  private int compareComponent(Datom datom, int i) {
    if (i == 3) {
      int c = Values.compareForms(datom.v(), first.v());
      return c != 0 ? c : Long.compare(datom.tx(), first.tx());
    }
    return switch (order.name().charAt(i)) {
      case 'E' -> Long.compare(datom.e(), first.e());
      case 'A' -> Long.compare(datom.a(), first.a());
      default -> Values.compareByValue(datom.v(), first.v());
    };
  }

  /** Whether the fourth component, the transaction, is given. */
  public boolean namesTransaction() {
    return length == 4;
  }

  /** The range without the transaction: that of one fact. */
  public Prefix ofFact() {
    return new Prefix(order, first, Math.min(length, 3));
  }

  /** The components again, as they were given. */
  public Object[] components() {
    Object[] all = switch (order) {
      case EAVT -> new Object[] {first.e(), first.a(), first.v(), first.tx()};
      case AEVT -> new Object[] {first.a(), first.e(), first.v(), first.tx()};
      case AVET -> new Object[] {first.a(), first.v(), first.e(), first.tx()};
      case VAET -> new Object[] {first.v(), first.a(), first.e(), first.tx()};
    };
    return Arrays.copyOf(all, length);
  }

  private static long idAt(Object[] components, int i) {
    return i < components.length ? id(components[i]) : Long.MIN_VALUE;
  }

  private static Object valueAt(Object[] components, int i) {
    return i < components.length ? components[i] : null;
  }

  private static long id(Object component) {
    if (component instanceof Long id) {
      return id;
    }
    throw new IllegalArgumentException("An entity id is a Long, not " + component + ".");
  }
}
