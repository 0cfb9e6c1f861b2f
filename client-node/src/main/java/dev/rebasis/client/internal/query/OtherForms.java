package dev.rebasis.client.internal.query;

import java.util.BitSet;

/**
 * Which variables may hold what stands for another value: a name (ident, lookup ref) where an entity's id is meant, a text
 * where the keyword is meant that it writes. Variables are told apart by their slots or, of arguments, by their positions.
 * Mutable; confined to one evaluation.
 */
final class OtherForms {
  private final BitSet names = new BitSet();
  private final BitSet texts = new BitSet();

  OtherForms copy() {
    OtherForms copy = new OtherForms();
    copy.add(this);
    return copy;
  }

  /** Variables that may hold a text. */
  BitSet texts() {
    return (BitSet) texts.clone();
  }

  void setName(int variable) {
    names.set(variable);
  }

  void setText(int variable) {
    texts.set(variable);
  }

  /** Whatever it is: a computed value, or one of a plain collection. */
  void setAny(int variable) {
    names.set(variable);
    texts.set(variable);
  }

  /** What a given value is. */
  void set(int variable, Object value) {
    if (!(value instanceof Long)) {
      names.set(variable);
    }
    if (value instanceof String) {
      texts.set(variable);
    }
  }

  /** What another variable may hold comes into this one. */
  void add(int variable, OtherForms others, int other) {
    if (others.names.get(other)) {
      names.set(variable);
    }
    if (others.texts.get(other)) {
      texts.set(variable);
    }
  }

  /** With texts only in these variables. */
  OtherForms withTextsOf(BitSet variables) {
    OtherForms some = copy();
    some.texts.and(variables);
    return some;
  }

  void add(OtherForms others) {
    names.or(others.names);
    texts.or(others.texts);
  }

  /** With names only in these variables. */
  OtherForms withNamesOf(BitSet variables) {
    OtherForms some = copy();
    some.names.and(variables);
    return some;
  }

  boolean hasAllOf(OtherForms others) {
    OtherForms more = others.copy();
    more.names.andNot(names);
    more.texts.andNot(texts);
    return more.names.isEmpty() && more.texts.isEmpty();
  }

  boolean isName(int variable) {
    return names.get(variable);
  }

  boolean isText(int variable) {
    return texts.get(variable);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof OtherForms forms && names.equals(forms.names) && texts.equals(forms.texts);
  }

  @Override
  public int hashCode() {
    return 31 * names.hashCode() + texts.hashCode();
  }
}
