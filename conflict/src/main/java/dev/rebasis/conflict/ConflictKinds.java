package dev.rebasis.conflict;

import dev.rebasis.data.Keyword;

/** What can meet. docs/conflicts.md defines each. */
final class ConflictKinds {
  static final Keyword SAME_VALUE_CHANGED = Keyword.of(":rebasis.conflict/same-value-changed");
  static final Keyword RETRACTED_VALUE_CHANGED = Keyword.of(":rebasis.conflict/retracted-value-changed");
  static final Keyword ADDED_VALUE_RETRACTED = Keyword.of(":rebasis.conflict/added-value-retracted");
  static final Keyword RETRACTED_VALUE_ADDED = Keyword.of(":rebasis.conflict/retracted-value-added");
  static final Keyword ENTITY_GONE = Keyword.of(":rebasis.conflict/entity-gone");
  static final Keyword REFERENCE_GONE = Keyword.of(":rebasis.conflict/reference-gone");
  static final Keyword COMPONENT_CUT = Keyword.of(":rebasis.conflict/component-cut");
  static final Keyword RETRACTED_ENTITY_CHANGED = Keyword.of(":rebasis.conflict/retracted-entity-changed");
  static final Keyword RETRACTED_ENTITY_REFERRED = Keyword.of(":rebasis.conflict/retracted-entity-referred");
  static final Keyword UNIQUE_CLAIMED = Keyword.of(":rebasis.conflict/unique-claimed");
  static final Keyword PREMISE_CHANGED = Keyword.of(":rebasis.conflict/premise-changed");
  static final Keyword ATTRIBUTE_CHANGED = Keyword.of(":rebasis.conflict/attribute-changed");
  static final Keyword CAS_FAILED = Keyword.of(":rebasis.conflict/cas-failed");
  static final Keyword FUNCTION_FAILED = Keyword.of(":rebasis.conflict/function-failed");
  static final Keyword PREDECESSOR = Keyword.of(":rebasis.conflict/predecessor-not-committed");
  static final Keyword GROUP = Keyword.of(":rebasis.conflict/group-not-committed");
  static final Keyword PARK = Keyword.of(":rebasis.policy/park");

  static final Keyword REJECT = Keyword.of(":rebasis.policy/reject");

  private ConflictKinds() {}
}
