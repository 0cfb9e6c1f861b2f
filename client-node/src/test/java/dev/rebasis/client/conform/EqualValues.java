package dev.rebasis.client.conform;

import dev.rebasis.data.Bytes;
import dev.rebasis.data.Symbol;
import dev.rebasis.edn.EdnList;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Recognises answers that differ only since Datomic takes equal bytes, or equal numbers of two types, for one or for two. Pure functions. */
final class EqualValues {
  private static final Symbol COUNT = Symbol.of("count");

  private EqualValues() {}

  /**
   * Datomic counts a float and a double of one value once or twice, by luck of their hashes, and the least of equal numbers
   * of several types is any of them, and so is what stands for a group of rows: the answers agree where numbers of one value are one. Only in columns that have two such
   * numbers: elsewhere another type is another answer.
   */
  static boolean isSameButForEqualNumbers(Pair pair, List<?> question, QueryForm query, Map<Long, Long> ids) {
    if (!query.compared().contains(true)) {
      return false;
    }
    List<Object> plain = new ArrayList<>(question);
    plain.set(1, query.plainRelation());
    List<Object> listed = new ArrayList<>(question);
    listed.set(1, query.distinctValues());
    try {
      List<Boolean> columns = mixed(query, List.of(rows(pair.theirs().answer(plain), Map.of()), rows(pair.here(plain), ids)));
      Object his = new Canonical(Map.of()).of(pair.theirs().answer(listed));
      Object here = new Canonical(ids).of(pair.here(listed));
      // What differs though the values are the very same is not luck.
      return !Canonical.counted(his).equals(Canonical.counted(here)) && Canonical.counted(byValue(his, columns))
          .equals(Canonical.counted(byValue(here, columns)));
    } catch (Exception e) { // checked ones too, which Clojure does not declare
      return false;
    }
  }

  /**
   * The compared columns that are made from numbers of one value that are not the same.
   *
   * @param sides the rows that the answers are made from, of each side: Datomic may take two such for one there too
   */
  private static List<Boolean> mixed(QueryForm query, List<Set<Object>> sides) {
    List<Boolean> mixed = new ArrayList<>(query.compared());
    for (int i = 0; i < mixed.size(); i++) {
      if (mixed.get(i)) {
        Object column = query.columns().get(i);
        int at = query.plainColumns().indexOf(column instanceof EdnList call ? call.get(call.size() - 1) : column);
        mixed.set(i, sides.stream().anyMatch(rows -> hasEqualNumbers(rows, at)));
      }
    }
    return mixed;
  }

  private static boolean hasEqualNumbers(Set<Object> rows, int at) {
    Set<Object> all = new HashSet<>();
    rows.forEach(row -> all.add(((List<?>) row).get(at)));
    Set<Object> values = new HashSet<>();
    return !all.stream().allMatch(each -> values.add(value(each)));
  }

  /** The rows with numbers of some columns as decimals; a list of them, of the least, stays one. */
  private static List<Object> byValue(Object answer, List<Boolean> columns) {
    List<Object> rows = new ArrayList<>();
    for (Object row : (Collection<?>) answer) {
      List<Object> values = new ArrayList<>();
      for (int i = 0; i < columns.size(); i++) {
        Object column = ((List<?>) row).get(i);
        values.add(columns.get(i) ? value(column) : column);
      }
      rows.add(values);
    }
    return rows;
  }

  private static Object value(Object column) {
    if (column instanceof Set<?> several) {
      Set<Object> values = new HashSet<>();
      several.forEach(each -> values.add(value(each)));
      return values;
    }
    if (column instanceof List<?> floating && floating.size() == 3 && floating.get(0) instanceof Class) {
      return floating.get(1); // as Canonical has it
    }
    if (column instanceof List<?> several) {
      return several.stream().map(EqualValues::value).toList();
    }
    if (column instanceof Double || column instanceof Float) {
      return column; // not finite, else it would be such a list
    }
    return column instanceof Number number ? new BigDecimal(number.toString()).stripTrailingZeros() : column;
  }

  /** Datomic gives rows several times if there are bytes in them. */
  static boolean isRepeatedBytes(Object his, Object here) {
    if (!(his instanceof Collection<?> theirs) || !(here instanceof Collection<?> ours)) {
      return false;
    }
    Set<Object> once = new HashSet<>();
    return theirs.stream().allMatch(row -> once.add(row) || hasBytes(row)) && once.size() < theirs.size()
        && once.equals(new HashSet<>(ours)) && once.size() == ours.size();
  }

  private static boolean hasBytes(Object row) {
    return row instanceof Bytes || row instanceof Collection<?> columns && columns.stream().anyMatch(Bytes.class::isInstance)
        || row instanceof Map<?, ?> map && map.values().stream().anyMatch(Bytes.class::isInstance);
  }

  /** Whether Datomic counts more rows than there are, some of them with bytes. */
  static boolean countsBytesTwice(Pair pair, List<?> question, QueryForm query, Set<Object> rows) {
    List<Object> columns = query.plainColumns();
    List<Object> counting = new ArrayList<>(question);
    counting.set(1, QueryForm.of(QueryForm.of(query.plainRelation()).with(QueryForm.FIND, List.of(EdnList.of(COUNT, columns.get(0)))))
        .with(QueryForm.WITH, columns.subList(1, columns.size())));
    Object counted = ((List<?>) ((Collection<?>) pair.theirs().answer(counting)).iterator().next()).get(0);
    return rows.stream().anyMatch(EqualValues::hasBytes) && (Long) counted > rows.size();
  }

  private static Set<Object> rows(Object answer, Map<Long, Long> ids) {
    Set<Object> rows = new HashSet<>();
    ((Collection<?>) answer).forEach(row -> rows.add(new Canonical(ids).of(row)));
    return rows;
  }

  /** The first columns of all rows, in a form that can be compared. */
  static Set<Object> rows(Object answer, int size, Map<Long, Long> ids) {
    Set<Object> rows = new HashSet<>();
    for (Object row : (Collection<?>) answer) {
      rows.add(new Canonical(ids).of(new ArrayList<>(((List<?>) row).subList(0, size))));
    }
    return rows;
  }
}
