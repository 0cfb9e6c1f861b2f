package dev.rebasis.client.internal.db;

import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Values;
import java.util.Comparator;

/**
 * The orders of {@link dev.rebasis.data.DatomOrder} without transaction and operation: two datoms of one fact
 * {@code [e a v]} compare as equal. Current datoms are sorted so, since a fact is current at most once. Pure.
 */
public final class FactOrder {
  private static final Comparator<Datom> EAVT = (x, y) -> {
    int c = Long.compare(x.e(), y.e());
    c = c != 0 ? c : Long.compare(x.a(), y.a());
    return c != 0 ? c : Values.compare(x.v(), y.v());
  };

  private static final Comparator<Datom> AEVT = (x, y) -> {
    int c = Long.compare(x.a(), y.a());
    c = c != 0 ? c : Long.compare(x.e(), y.e());
    return c != 0 ? c : Values.compare(x.v(), y.v());
  };

  private static final Comparator<Datom> AVET = (x, y) -> {
    int c = Long.compare(x.a(), y.a());
    c = c != 0 ? c : Values.compareByValue(x.v(), y.v());
    c = c != 0 ? c : Long.compare(x.e(), y.e());
    return c != 0 ? c : Values.compareForms(x.v(), y.v());
  };

  private static final Comparator<Datom> VAET = (x, y) -> {
    int c = Values.compare(x.v(), y.v());
    c = c != 0 ? c : Long.compare(x.a(), y.a());
    return c != 0 ? c : Long.compare(x.e(), y.e());
  };

  private FactOrder() {}

  /** The comparator of an order. */
  public static Comparator<Datom> of(IndexOrder order) {
    return switch (order) {
      case EAVT -> EAVT;
      case AEVT -> AEVT;
      case AVET -> AVET;
      case VAET -> VAET;
    };
  }
}
