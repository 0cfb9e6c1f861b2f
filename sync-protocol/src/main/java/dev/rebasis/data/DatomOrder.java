package dev.rebasis.data;

import java.util.Comparator;

/**
 * The comparators of the four index orders. Within one order, current datoms are told apart by their first three
 * components; transaction and operation come last, so that history (the same fact asserted and retracted several
 * times) has an order too. Pure.
 */
public final class DatomOrder {
  /** By entity, attribute, value, transaction, then retraction before assertion. */
  public static final Comparator<Datom> EAVT = (x, y) -> {
    int c = Long.compare(x.e(), y.e());
    c = c != 0 ? c : Long.compare(x.a(), y.a());
    c = c != 0 ? c : Values.compare(x.v(), y.v());
    return c != 0 ? c : last(x, y);
  };

  /** By attribute, entity, value, transaction. */
  public static final Comparator<Datom> AEVT = (x, y) -> {
    int c = Long.compare(x.a(), y.a());
    c = c != 0 ? c : Long.compare(x.e(), y.e());
    c = c != 0 ? c : Values.compare(x.v(), y.v());
    return c != 0 ? c : last(x, y);
  };

  /** By attribute, value, entity, form of the value, transaction: 1.0M and 1.00M have one place, as in Datomic. */
  public static final Comparator<Datom> AVET = (x, y) -> {
    int c = Long.compare(x.a(), y.a());
    c = c != 0 ? c : Values.compareByValue(x.v(), y.v());
    c = c != 0 ? c : Long.compare(x.e(), y.e());
    c = c != 0 ? c : Values.compareForms(x.v(), y.v());
    return c != 0 ? c : last(x, y);
  };

  /** By referenced entity, attribute, entity, transaction. */
  public static final Comparator<Datom> VAET = (x, y) -> {
    int c = Values.compare(x.v(), y.v());
    c = c != 0 ? c : Long.compare(x.a(), y.a());
    c = c != 0 ? c : Long.compare(x.e(), y.e());
    return c != 0 ? c : last(x, y);
  };

  private DatomOrder() {}

  /** The comparator of an order. */
  public static Comparator<Datom> of(IndexOrder order) {
    return switch (order) {
      case EAVT -> EAVT;
      case AEVT -> AEVT;
      case AVET -> AVET;
      case VAET -> VAET;
    };
  }

  private static int last(Datom x, Datom y) {
    int c = Long.compare(x.tx(), y.tx());
    return c != 0 ? c : Boolean.compare(x.added(), y.added());
  }
}
