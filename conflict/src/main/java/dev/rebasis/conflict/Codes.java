package dev.rebasis.conflict;

import dev.rebasis.data.Keyword;

/** The codes of what can be wrong with a transaction. Datomic's own where Datomic has one. */
final class Codes {
  static final Keyword NOT_AN_ENTITY = Keyword.of(":db.error/not-an-entity");
  static final Keyword NOT_AN_ATTRIBUTE = Keyword.of(":db.error/not-an-attribute");
  static final Keyword NOT_A_KEYWORD = Keyword.of(":db.error/not-a-keyword");
  static final Keyword NOT_A_DATA_FUNCTION = Keyword.of(":db.error/not-a-data-function");
  static final Keyword NOT_TRANSACTION_DATA = Keyword.of(":db.error/not-transaction-data");
  static final Keyword WRONG_TYPE = Keyword.of(":db.error/wrong-type-for-attribute");
  static final Keyword NIL_VALUE = Keyword.of(":db.error/nil-value");
  static final Keyword INVALID_TUPLE = Keyword.of(":db.error/invalid-tuple-value");
  static final Keyword INVALID_LOOKUP_REF = Keyword.of(":db.error/invalid-lookup-ref");
  static final Keyword LOOKUP_NOT_UNIQUE = Keyword.of(":db.error/lookup-ref-attr-not-unique");
  static final Keyword INVALID_NESTED = Keyword.of(":db.error/invalid-nested-entity");
  static final Keyword TEMPID_NOT_AN_ENTITY = Keyword.of(":db.error/tempid-not-an-entity");
  static final Keyword UNIQUE_CONFLICT = Keyword.of(":db.error/unique-conflict");
  static final Keyword DATOMS_CONFLICT = Keyword.of(":db.error/datoms-conflict");
  static final Keyword CAS_FAILED = Keyword.of(":db.error/cas-failed");
  static final Keyword INVALID_CAS = Keyword.of(":db.error/invalid-cas");
  static final Keyword INVALID_CAS_MANY = Keyword.of(":db.error/invalid-cas-many");
  static final Keyword INVALID_INSTALL = Keyword.of(":db.error/invalid-install-attribute");
  static final Keyword IDENT_MISSING = Keyword.of(":db.error/attribute-ident-missing");
  static final Keyword INVALID_ALTER = Keyword.of(":db.error/invalid-alter-attribute");
  static final Keyword NOT_A_VALUE_TYPE = Keyword.of(":db.error/not-a-value-type");
  static final Keyword NOT_A_CARDINALITY = Keyword.of(":db.error/not-a-cardinality");
  static final Keyword RESET_TX_INSTANT = Keyword.of(":db.error/reset-tx-instant");

  /** A form that Datomic would refuse with a bare Java exception, or accept and ignore in part. */
  static final Keyword MALFORMED_FORM = Keyword.of(":rebasis.error/malformed-form");
  /** An intent whose tempids do not fit its forms: only a faulty client makes one. */
  static final Keyword MALFORMED_INTENT = Keyword.of(":rebasis.error/malformed-intent");
  static final Keyword UNSUPPORTED = Keyword.of(":rebasis.error/unsupported");
  static final Keyword TX_INSTANT = Keyword.of(":rebasis.error/tx-instant-not-allowed");
  static final Keyword RESERVED = Keyword.of(":rebasis.error/reserved-attribute");
  static final Keyword ENTITY_GONE = Keyword.of(":rebasis.error/entity-gone");
  static final Keyword COMPONENT_CUT = Keyword.of(":rebasis.error/component-cut");
  static final Keyword ENTITY_CHANGED = Keyword.of(":rebasis.error/retracted-entity-changed");
  static final Keyword PREDECESSOR = Keyword.of(":rebasis.error/predecessor-not-committed");
  static final Keyword CONFLICT_PARKED = Keyword.of(":rebasis.error/conflict-parked");
  static final Keyword CONFLICT_REJECTED = Keyword.of(":rebasis.error/conflict-rejected");
  static final Keyword POLICY_FAILED = Keyword.of(":rebasis.error/policy-failed");
  static final Keyword POLICY_UNKNOWN = Keyword.of(":rebasis.error/unknown-policy");
  static final Keyword POLICY_UNFIT = Keyword.of(":rebasis.error/policy-does-not-fit");
  static final Keyword PREMISE_FAILED = Keyword.of(":rebasis.error/premise-failed");
  static final Keyword FUNCTION_FAILED = Keyword.of(":rebasis.error/function-failed");
  static final Keyword GROUP = Keyword.of(":rebasis.error/group-not-committed");
  static final Keyword ATTRIBUTE_CHANGED = Keyword.of(":rebasis.error/attribute-changed");

  private Codes() {}
}
