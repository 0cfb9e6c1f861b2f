package dev.rebasis.client.internal.db;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The arguments of {@code indexPull}, read. Immutable.
 *
 * @param order AVET or AEVT
 * @param selector the pattern
 * @param start leading components, the attribute at least
 * @param backwards whether the walk goes backwards
 */
record IndexPull(IndexOrder order, Object selector, List<?> start, boolean backwards) {
  private static final Keyword INDEX = Keyword.of(":index");
  private static final Keyword SELECTOR = Keyword.of(":selector");
  private static final Keyword START = Keyword.of(":start");
  private static final Keyword REVERSE = Keyword.of(":reverse");

  /** Reads EDN text or a map. */
  static IndexPull of(Object arguments) {
    Object form = arguments instanceof String text ? Edn.read(text) : arguments;
    if (!(form instanceof Map<?, ?> map)) {
      throw invalid("Give a map with :index, :selector and :start.", form);
    }
    IndexOrder order = Keyword.of(":avet").equals(map.get(INDEX)) ? IndexOrder.AVET
        : Keyword.of(":aevt").equals(map.get(INDEX)) ? IndexOrder.AEVT : null;
    if (order == null) {
      throw invalid("The :index is :avet or :aevt.", form);
    }
    if (!(map.get(START) instanceof List<?> start) || start.isEmpty()) {
      throw invalid("The :start is a list of components that begins with an attribute.", form);
    }
    if (map.get(SELECTOR) == null) {
      throw invalid("The :selector is a pull pattern.", form);
    }
    return new IndexPull(order, map.get(SELECTOR), start, Boolean.TRUE.equals(map.get(REVERSE)));
  }

  private static RebasisException invalid(String message, Object form) {
    return new RebasisException(Keyword.of(":db.error/invalid-pull"), ErrorCategory.FIX_REQUEST,
        message + " In: " + form, Map.of(), null);
  }

  /**
   * Walks and pulls, null where an entity has nothing that the pattern asks for. AEVT leads to the targets of references, AVET to the
   * entities that have the values.
   */
  Stream<Object> run(AbstractDatabase database) {
    Attribute attribute = database.attribute(start.get(0));
    boolean toTarget = order == IndexOrder.AEVT;
    if (toTarget && (attribute == null || !attribute.isRef() || !attribute.isMany())) {
      throw invalid("With :aevt the attribute is a reference of cardinality many.", start);
    }
    if (!toTarget && start.size() == 1 && attribute != null && attribute.isMany()) {
      throw invalid("With :avet and a :start without a value the attribute has cardinality one.", start);
    }
    Scan scan = new Scan(database.range(order, start.toArray()), true, false, backwards);
    long a = scan.range().first().a();
    return StreamSupport.stream(database.scan(scan).spliterator(), false)
        .takeWhile(datom -> datom.a() == a)
        .map(datom -> (Object) database.pull(selector, toTarget ? datom.v() : (Object) datom.e()));
  }
}
