package dev.rebasis.client.internal.db;

import dev.rebasis.conflict.FactView;
import dev.rebasis.data.Datom;
import dev.rebasis.data.DatomOrder;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Schema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * A source of datoms that reads everything through a {@link FactView}, which may note what is read: for queries whose
 * answer is part of a decision. Confined like its view. Slower than a value's own source where a query begins in the
 * middle of an index, for a view names whole patterns only.
 */
public final class TracedSource implements DatomSource {
  /** Planning must not read, as reading is noted; so every pattern counts the same, by what it leaves open. */
  private static final long ESTIMATE_ONE = 2;
  private static final long ESTIMATE_SOME = 100;
  private static final long ESTIMATE_MANY = 10_000;

  private final FactView view;

  /** Reads through a view. */
  public TracedSource(FactView view) {
    this.view = view;
  }

  @Override
  public Schema schema() {
    return view.schema();
  }

  @Override
  public Iterable<Datom> datoms(IndexOrder order, Object... components) {
    if (components.length > 0 && components.length < 4) {
      return view.datoms(order, components);
    }
    if (components.length == 4) {
      Object[] three = Arrays.copyOf(components, 3);
      List<Datom> found = new ArrayList<>();
      for (Datom datom : view.datoms(order, three)) {
        if (datom.tx() == (Long) components[3]) {
          found.add(datom);
        }
      }
      return found;
    }
    List<Datom> all = new ArrayList<>();
    view.schema().attributes().forEach(a -> view.datoms(IndexOrder.AEVT, a.id()).forEach(all::add));
    all.sort(DatomOrder.of(order));
    return all;
  }

  @Override
  public Iterable<Datom> seek(IndexOrder order, Object... components) {
    Comparator<Datom> comparator = DatomOrder.of(order);
    List<Datom> rest = new ArrayList<>();
    Prefix from = Prefix.of(order, components);
    for (Datom datom : datoms(order)) {
      if (comparator.compare(datom, from.begin()) >= 0) {
        rest.add(datom);
      }
    }
    return rest;
  }

  @Override
  public long estimate(IndexOrder order, Object... components) {
    return components.length >= 2 ? ESTIMATE_ONE : components.length == 1 ? ESTIMATE_SOME : ESTIMATE_MANY;
  }
}
