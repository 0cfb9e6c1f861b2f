package dev.rebasis.client.internal.query;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Rows in memory: an input with several rows, or a pattern on a plain collection. Confined to one plan. */
final class TableItem implements PlanItem {
  private static final double ROW = 0.05;
  private static final double TABLE_ROW = 0.1;
  private static final double MATCHING_ROWS_SHARE = 0.1;

  private final Object form;
  private final BitSet slots = new BitSet();
  private final List<Object[]> rows; // as frames
  private final boolean distinctKeys;

  private TableItem(Object form, BitSet slots, List<Object[]> rows) {
    this.form = form;
    this.slots.or(slots);
    this.rows = rows;
    this.distinctKeys = slots.cardinality() == 1;
  }

  /** An input. Variables that also stand for entities get the entity's id in their second slot. */
  static TableItem of(Inputs.Relation relation, Inputs inputs, EntityVariables entities, int frameSize) {
    BitSet slots = new BitSet();
    List<Object[]> rows = new ArrayList<>(relation.rows().size());
    for (Object[] row : relation.rows()) {
      Object[] frame = new Object[frameSize];
      if (fill(frame, relation.slots(), row, inputs)) {
        resolve(frame, relation, inputs, entities);
        rows.add(frame);
      }
    }
    for (int slot : relation.slots()) {
      if (!inputs.isConstant(slot)) {
        slots.set(slot);
        entities.second().forEach((pair, second) -> {
          if (pair.slot() == slot) {
            slots.set(second);
          }
        });
      }
    }
    return new TableItem(relation.form(), slots, rows);
  }

  private static boolean fill(Object[] frame, int[] slots, Object[] row, Inputs inputs) {
    for (int i = 0; i < slots.length; i++) {
      if (inputs.isConstant(slots[i]) && !QueryValues.same(inputs.constants()[slots[i]], row[i])) {
        return false;
      }
      frame[slots[i]] = row[i];
    }
    return true;
  }

  private static void resolve(Object[] frame, Inputs.Relation relation, Inputs inputs, EntityVariables entities) {
    entities.second().forEach((pair, second) -> {
      for (int slot : relation.slots()) {
        if (pair.slot() == slot) {
          frame[second] = given(pair, frame[slot], relation.form(), inputs);
        }
      }
    });
  }

  private static Object given(EntityVariables.Pair pair, Object value, Object form, Inputs inputs) {
    if (!pair.isKeyword()) {
      return ((Source.Facts) inputs.source(pair.source(), form)).entities().require(value, form);
    }
    if (value instanceof String text && !QueryValues.isKeywordText(text)) {
      throw Places.notAKeyword(text, form);
    }
    return QueryValues.keyword(value);
  }

  /** A pattern on a plain collection. */
  static TableItem of(Clause.Pattern pattern, Source.Rows source, Inputs inputs, int frameSize) {
    BitSet slots = new BitSet();
    for (Term term : pattern.terms()) {
      if (term instanceof Term.Variable variable && !inputs.isConstant(variable.slot())) {
        slots.set(variable.slot());
      }
    }
    List<Object[]> rows = new ArrayList<>();
    for (List<?> row : source.rows()) {
      Object[] frame = new Object[frameSize];
      if (matches(pattern, row, inputs, frame)) {
        rows.add(frame);
      }
    }
    return new TableItem(pattern.form(), slots, rows);
  }

  private static boolean matches(Clause.Pattern pattern, List<?> row, Inputs inputs, Object[] frame) {
    List<Term> terms = pattern.terms();
    BitSet seen = new BitSet();
    for (int i = 0; i < terms.size(); i++) {
      if (terms.get(i) instanceof Term.Blank) {
        continue;
      }
      Object value = value(pattern, row, i);
      if (terms.get(i) instanceof Term.Constant constant) {
        if (!QueryValues.equal(constant.value(), value)) {
          return false;
        }
      } else if (terms.get(i) instanceof Term.Variable variable) {
        int slot = variable.slot();
        Object known = inputs.isConstant(slot) ? inputs.constants()[slot] : seen.get(slot) ? frame[slot] : value;
        if (!QueryValues.same(known, value)) {
          return false;
        }
        frame[slot] = value;
        seen.set(slot);
      }
    }
    return true;
  }

  private static Object value(Clause.Pattern pattern, List<?> row, int column) {
    if (column < row.size()) {
      return row.get(column);
    }
    throw QueryErrors.in(pattern.form(), QueryErrors.INVALID_INPUT,
        "The row " + QueryErrors.text(row) + " of the data source " + pattern.source() + " is too short.");
  }

  @Override
  public Object form() {
    return form;
  }

  @Override
  public BitSet slots() {
    return slots;
  }

  @Override
  public Estimate estimate(BitSet bound, double rowsBefore) {
    double matches = !slots.intersects(bound) ? rows.size()
        : distinctKeys ? MATCHING_ROWS_SHARE : Math.max(1, rows.size() * MATCHING_ROWS_SHARE);
    return new Estimate(rows.size() * TABLE_ROW + rowsBefore * matches * ROW, rowsBefore * matches);
  }

  @Override
  public Step build(BitSet bound, double rowsBefore, boolean first, boolean onlyExists) {
    BitSet keys = (BitSet) slots.clone();
    keys.and(bound);
    BitSet fresh = (BitSet) slots.clone();
    fresh.andNot(bound);
    return new HashStep(rows::forEach, keys.stream().toArray(), fresh.stream().toArray(), onlyExists);
  }
}
