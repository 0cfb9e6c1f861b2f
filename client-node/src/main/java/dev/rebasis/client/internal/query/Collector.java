package dev.rebasis.client.internal.query;

import dev.rebasis.client.Database;
import dev.rebasis.client.internal.db.DatomSource;
import dev.rebasis.client.internal.pull.PullEngine;
import dev.rebasis.data.Symbol;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongUnaryOperator;

/** The last step: collects the rows, without duplicates, and gives them the shape of {@code :find}. Confined. */
final class Collector extends Step {
  private final FindSpec find;
  private final Finishing finishing;
  private final int[] slots; // of the columns, then of :with
  private final boolean firstRowSuffices;
  private final Collection<Row> rows; // a set, unless each row comes once anyway
  private final Groups groups; // what takes the rows instead, if there are aggregates and each row comes once

  /**
   * What columns need that are no plain values.
   *
   * @param random from 0 up to, not including, its argument
   * @param look where the evaluation can be given up; null if nobody will ask for that
   */
  record Finishing(Inputs inputs, PullEngine pulls, LongUnaryOperator random, StopLook look) {
    /** One more row has been dealt with, which costs little. */
    void step() {
      if (look != null) {
        look.step();
      }
    }

    /** What follows can take long. */
    void now() {
      if (look != null) {
        look.now();
      }
    }

    /** Pulls; looks on the way. */
    Map<Object, Object> pull(DatomSource datoms, Object pattern, Long e, Object name) {
      return look == null ? pulls.pull(datoms, pattern, e, name) : pulls.pull(datoms, pattern, e, name, look::step);
    }
  }

  /**
   * Makes it.
   *
   * @param once whether it is certain that no row comes twice, so that none need be remembered to compare
   */
  Collector(FindSpec find, List<Integer> with, Finishing finishing, boolean once) {
    this.find = find;
    this.finishing = finishing;
    int columns = find.elements().size();
    this.slots = new int[columns + with.size()];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = i < columns ? find.elements().get(i).slot() : with.get(i - columns);
    }
    boolean single = find.shape() == FindSpec.Shape.SCALAR || find.shape() == FindSpec.Shape.TUPLE;
    this.firstRowSuffices = single && !find.hasAggregates();
    this.rows = once ? new ArrayList<>() : new HashSet<>();
    this.groups = once && find.hasAggregates() ? new Groups(find.elements(), Arrays.copyOf(slots, columns())) : null;
  }

  @Override
  boolean run(Object[] frame) {
    if (groups != null) {
      groups.add(frame);
      return true;
    }
    rows.add(Row.of(frame, slots));
    return !firstRowSuffices;
  }

  /** The result: a set or list of rows, a list of values, a row, or a value; null where there is no row to show. */
  Object result() {
    if (find.hasAggregates()) {
      return shaped(pulled(aggregated()));
    }
    if (find.elements().stream().anyMatch(FindSpec.Pull.class::isInstance)) {
      return shaped(pulled(projected()));
    }
    boolean exact = slots.length == find.elements().size();
    if (find.shape() == FindSpec.Shape.RELATION && exact && find.names() == null) {
      return rows instanceof Set<Row> set ? Collections.unmodifiableSet(set) : new DifferentRows((List<Row>) rows);
    }
    return shaped(exact ? rows : projected());
  }

  private int columns() {
    return find.elements().size();
  }

  // With :with but without an aggregate, the other columns disappear and all rows stay, as in Datomic: some may repeat.
  private List<Row> projected() {
    int[] columns = new int[find.elements().size()];
    for (int i = 0; i < columns.length; i++) {
      columns[i] = i;
    }
    List<Row> projected = new ArrayList<>(rows.size());
    for (Row row : rows) {
      finishing.step();
      projected.add(row.project(columns));
    }
    return projected;
  }

  private Object shaped(Collection<Row> result) {
    Row first = result.isEmpty() ? null : result.iterator().next();
    return switch (find.shape()) {
      case RELATION -> find.names() == null ? result : named(result);
      case COLLECTION -> firstColumn(result);
      case TUPLE -> first;
      case SCALAR -> first == null ? null : first.get(0);
    };
  }

  private List<Map<Object, Object>> named(Collection<Row> result) {
    List<Map<Object, Object>> maps = new ArrayList<>(result.size());
    for (Row row : result) {
      finishing.step();
      Map<Object, Object> map = new LinkedHashMap<>();
      for (int i = 0; i < row.size(); i++) {
        map.put(find.names().get(i), row.get(i));
      }
      maps.add(Collections.unmodifiableMap(map));
    }
    return Collections.unmodifiableList(maps);
  }

  /** The rows with pulled entities in place of their ids. */
  private List<Row> pulled(List<Row> plain) {
    List<Row> pulled = new ArrayList<>(plain.size());
    for (Row row : plain) {
      finishing.now();
      Object[] values = row.toArray();
      for (int i = 0; i < values.length; i++) {
        if (find.elements().get(i) instanceof FindSpec.Pull pull) {
          values[i] = pull(pull, values[i]);
        }
      }
      pulled.add(Row.owning(values));
    }
    return Collections.unmodifiableList(pulled);
  }

  private Object pull(FindSpec.Pull pull, Object entity) {
    Object pattern = pull.pattern() instanceof Symbol name ? finishing.inputs.patterns().get(name) : pull.pattern();
    if (finishing.inputs.source(pull.source(), pull.form()) instanceof Source.Facts facts) {
      if (facts.datoms() instanceof Database database && database.isHistory()) {
        throw QueryErrors.in(pull.form(), QueryErrors.HISTORY_NOT_SUPPORTED,
            "A pull shows one moment, and " + pull.source() + " is a database with its history.");
      }
      Object named = entity instanceof BigInteger id && id.bitLength() < Long.SIZE ? (Object) id.longValue() : entity;
      return finishing.pull(facts.datoms(), pattern, facts.entities().find(named, pull.form()), named);
    }
    throw QueryErrors.in(pull.form(), QueryErrors.INVALID_DATA_SOURCE,
        "The data source " + pull.source() + " is a collection; pull reads a database.");
  }

  private List<Object> firstColumn(Collection<Row> result) {
    List<Object> values = new ArrayList<>(result.size());
    for (Row row : result) {
      finishing.step();
      values.add(row.get(0));
    }
    return Collections.unmodifiableList(values);
  }

  private List<Row> aggregated() {
    Groups all = groups;
    if (all == null) {
      int[] own = new int[columns()];
      Arrays.setAll(own, i -> i);
      all = new Groups(find.elements(), own);
      for (Row row : rows) {
        finishing.step();
        all.add(row);
      }
    }
    return all.aggregated(finishing.random, finishing::now);
  }
}
