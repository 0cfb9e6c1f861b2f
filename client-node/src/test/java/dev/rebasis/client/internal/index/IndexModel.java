package dev.rebasis.client.internal.index;

import dev.rebasis.client.internal.db.FactOrder;
import dev.rebasis.client.internal.db.Prefix;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Bootstrap;
import dev.rebasis.data.Datom;
import dev.rebasis.data.DatomOrder;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Schema;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/** The index as naive sets: what the real one must answer. Confined to a test. */
public final class IndexModel {
  private final TreeSet<Datom> current = new TreeSet<>(FactOrder.of(IndexOrder.EAVT));
  private final TreeSet<Datom> history = new TreeSet<>(DatomOrder.EAVT);
  private Schema schema = Schema.EMPTY;

  public IndexModel() {
    applyDatoms(Bootstrap.datomsByT());
  }

  /** A copy with pending transactions on top, one after the other. */
  public IndexModel with(List<List<Datom>> pending) {
    IndexModel copy = new IndexModel();
    copy.current.clear();
    copy.current.addAll(current);
    copy.schema = schema;
    pending.forEach(copy::applyDatoms);
    return copy;
  }

  public void apply(Transaction transaction) {
    for (long e : transaction.withdrawn()) {
      current.removeIf(datom -> datom.e() == e && !SystemIds.isSchemaAttribute(datom.a()));
      history.removeIf(datom -> datom.e() == e && !SystemIds.isSchemaAttribute(datom.a()));
    }
    applyDatoms(transaction.datoms());
  }

  private void applyDatoms(List<Datom> datoms) {
    schema = schema.with(datoms);
    for (Datom datom : datoms) {
      if (!datom.added()) {
        current.remove(datom);
        history.add(datom);
      } else if (current.add(datom)) {
        history.add(datom);
      }
    }
  }

  public Schema schema() {
    return schema;
  }

  public List<Datom> datoms(IndexOrder order, Object... components) {
    return select(current, order, FactOrder.of(order), Prefix.of(order, components));
  }

  /** All datoms of an order that are not before the components. */
  public List<Datom> seek(IndexOrder order, Object... components) {
    Prefix from = Prefix.of(order, components);
    List<Datom> all = datoms(order);
    all.removeIf(datom -> FactOrder.of(order).compare(datom, from.first()) < 0);
    return all;
  }

  public List<Datom> history(IndexOrder order, Object... components) {
    return select(history, order, DatomOrder.of(order), Prefix.of(order, components));
  }

  private List<Datom> select(
      TreeSet<Datom> from, IndexOrder order, Comparator<Datom> comparator, Prefix prefix) {
    List<Datom> selected = new ArrayList<>();
    for (Datom datom : from) {
      if (belongsTo(order, datom) && prefix.matches(datom)) {
        selected.add(datom);
      }
    }
    selected.sort(comparator);
    return selected;
  }

  private boolean belongsTo(IndexOrder order, Datom datom) {
    Attribute attribute = schema.attribute(datom.a());
    return switch (order) {
      case EAVT, AEVT -> true;
      case AVET -> attribute != null && attribute.isInAvet();
      case VAET -> attribute != null && attribute.isRef();
    };
  }
}
