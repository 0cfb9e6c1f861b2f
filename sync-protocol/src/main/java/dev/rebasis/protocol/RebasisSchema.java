package dev.rebasis.protocol;

import dev.rebasis.data.Cardinality;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Unique;
import dev.rebasis.data.ValueType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The attributes that a server adds to its database to remember who wrote what, what it decided, and which client made
 * which entity. Immutable; callers may share it.
 */
public final class RebasisSchema {
  /** Uuid, unique value: the transaction's id, which makes each pushed transaction happen once. */
  public static final Keyword TX_ID = Keyword.of(":rebasis.tx/id");
  /** Long: the number of the client that pushed the transaction. */
  public static final Keyword TX_CLIENT = Keyword.of(":rebasis.tx/client");
  /** String: the user as the server's authenticator named them; absent if it named nobody. */
  public static final Keyword TX_USER = Keyword.of(":rebasis.tx/user");
  /** Long: the confirmed T that the client stood on when the transaction was made, 0 if none. */
  public static final Keyword TX_BASIS = Keyword.of(":rebasis.tx/basis");
  /** Long: the client's own count of its transactions. */
  public static final Keyword TX_SEQ = Keyword.of(":rebasis.tx/seq");
  /** Instant: the client's clock when the transaction was made. */
  public static final Keyword TX_MADE_AT = Keyword.of(":rebasis.tx/madeAt");
  /** Tuple of client number, positive local number and entity, many: which entity stands for which local id. */
  public static final Keyword TX_MADE = Keyword.of(":rebasis.tx/made");
  /** Keyword, one of {@link OutcomeKind#ident()}; absent means accepted. */
  public static final Keyword TX_OUTCOME = Keyword.of(":rebasis.tx/outcome");
  /** Keyword: why it was parked or rejected. */
  public static final Keyword TX_REASON = Keyword.of(":rebasis.tx/reason");
  /** String: the reason in words. */
  public static final Keyword TX_MESSAGE = Keyword.of(":rebasis.tx/message");
  /**
   * String, on what was parked: EDN of a map of the forms and the tempids that were pushed, so that an operator can take it
   * up if its device is lost. Shown only to those who see everything.
   */
  public static final Keyword TX_FORMS = Keyword.of(":rebasis.tx/forms");
  /** Keyword, on what was parked: what an operator did about it, {@code :retried} or {@code :discarded}. */
  public static final Keyword TX_SETTLED = Keyword.of(":rebasis.tx/settled");
  /** Component references, many: the conflicts that were met, one entity each. */
  public static final Keyword TX_CONFLICTS = Keyword.of(":rebasis.tx/conflicts");

  /** Reference: the parked or rejected transaction that this one took up again. */
  public static final Keyword TX_RETRIES = Keyword.of(":rebasis.tx/retries");
  /** Uuid: the group of which all transactions are committed or none; absent if it belongs to none. */
  public static final Keyword TX_GROUP = Keyword.of(":rebasis.tx/group");

  /** Keyword, on an attribute: the policy that settles conflicts about it. Anyone who may change the schema sets it. */
  public static final Keyword POLICY = Keyword.of(":rebasis/policy");

  /** Keyword: what met. */
  public static final Keyword CONFLICT_KIND = Keyword.of(":rebasis.conflict/kind");
  /** Reference: the entity in conflict. */
  public static final Keyword CONFLICT_ENTITY = Keyword.of(":rebasis.conflict/entity");
  /** Keyword: the ident of the attribute in conflict; absent if the whole entity is meant. */
  public static final Keyword CONFLICT_ATTRIBUTE = Keyword.of(":rebasis.conflict/attribute");
  /** String, EDN text of a list: the values on the base. */
  public static final Keyword CONFLICT_BASE = Keyword.of(":rebasis.conflict/base");
  /** String, EDN text of a list: the values that the transaction wanted. */
  public static final Keyword CONFLICT_LOCAL = Keyword.of(":rebasis.conflict/local");
  /** String, EDN text of a list: the values that others had left. */
  public static final Keyword CONFLICT_REMOTE = Keyword.of(":rebasis.conflict/remote");
  /** String, EDN text of a list: the values after the decision. */
  public static final Keyword CONFLICT_RESOLVED = Keyword.of(":rebasis.conflict/resolved");
  /** Keyword: the policy that decided. */
  public static final Keyword CONFLICT_POLICY = Keyword.of(":rebasis.conflict/policy");
  /** Reference: the last remote transaction that took part. */
  public static final Keyword CONFLICT_REMOTE_TX = Keyword.of(":rebasis.conflict/remoteTx");

  /** Uuid, unique identity: the id of a client's store. */
  public static final Keyword CLIENT_STORE = Keyword.of(":rebasis.client/store");
  /** Long, unique value: the number that the server gave to a client's store. */
  public static final Keyword CLIENT_NUMBER = Keyword.of(":rebasis.client/number");
  /** Boolean, on a client: its device was revoked and is let in no more. */
  public static final Keyword CLIENT_REVOKED = Keyword.of(":rebasis.client/revoked");
  /** Uuid, on a client: a hash of the newest token under which its store has pushed something. */
  public static final Keyword CLIENT_TOKEN = Keyword.of(":rebasis.client/token");
  /** Uuid, unique identity: the database's id, on one entity, {@link #DATABASE}. */
  public static final Keyword DB_ID = Keyword.of(":rebasis.db/id");
  /** Tuple of T, next T and id, many, on the database: its forks, see {@link Fork}. */
  public static final Keyword DB_FORKS = Keyword.of(":rebasis.db/forks");
  /**
   * Boolean, on an entity: facts about it were excised; on a transaction: facts that stood there; on an excision request:
   * nobody knows which, since it was carried out while nobody looked.
   */
  public static final Keyword EXCISED = Keyword.of(":rebasis/excised");
  /** Boolean, on an excision request ({@code :db/excise}): it was carried out; false: what it is about was noted. */
  public static final Keyword EXCISION_DONE = Keyword.of(":rebasis.excision/done");
  /** The ident of the entity that carries {@link #DB_ID}. */
  public static final Keyword DATABASE = Keyword.of(":rebasis/database");

  private static final List<Object> FORMS = Collections.unmodifiableList(makeForms());

  private RebasisSchema() {}

  /**
   * The map forms that install the attributes, as plain data: {@code Map} of {@code Keyword} to {@code Keyword},
   * {@code Boolean}, {@code String} or {@code List}. To transact them twice changes nothing.
   *
   * @return an unmodifiable list of unmodifiable maps
   */
  public static List<Object> forms() {
    return FORMS;
  }

  private static List<Object> makeForms() {
    List<Object> forms = new ArrayList<>();
    forms.add(unique(TX_ID, ValueType.UUID, Unique.VALUE));
    forms.add(one(TX_CLIENT, ValueType.LONG));
    forms.add(one(TX_USER, ValueType.STRING));
    forms.add(one(TX_BASIS, ValueType.LONG));
    forms.add(one(TX_SEQ, ValueType.LONG));
    forms.add(one(TX_MADE_AT, ValueType.INSTANT));
    forms.add(made());
    forms.add(one(TX_OUTCOME, ValueType.KEYWORD));
    forms.add(one(TX_REASON, ValueType.KEYWORD));
    forms.add(one(TX_MESSAGE, ValueType.STRING));
    Map<Keyword, Object> conflicts = attribute(TX_CONFLICTS, ValueType.REF, Cardinality.MANY);
    conflicts.put(Keyword.of(":db/isComponent"), true);
    forms.add(Collections.unmodifiableMap(conflicts));
    forms.add(one(CONFLICT_KIND, ValueType.KEYWORD));
    forms.add(one(CONFLICT_ENTITY, ValueType.REF));
    forms.add(one(CONFLICT_ATTRIBUTE, ValueType.KEYWORD));
    forms.add(one(CONFLICT_BASE, ValueType.STRING));
    forms.add(one(CONFLICT_LOCAL, ValueType.STRING));
    forms.add(one(CONFLICT_REMOTE, ValueType.STRING));
    forms.add(one(CONFLICT_RESOLVED, ValueType.STRING));
    forms.add(one(CONFLICT_POLICY, ValueType.KEYWORD));
    forms.add(one(CONFLICT_REMOTE_TX, ValueType.REF));
    forms.add(unique(CLIENT_STORE, ValueType.UUID, Unique.IDENTITY));
    forms.add(unique(CLIENT_NUMBER, ValueType.LONG, Unique.VALUE));
    forms.add(unique(DB_ID, ValueType.UUID, Unique.IDENTITY));
    forms.add(one(TX_RETRIES, ValueType.REF));
    forms.add(one(TX_GROUP, ValueType.UUID));
    forms.add(one(POLICY, ValueType.KEYWORD));
    forms.add(one(CLIENT_REVOKED, ValueType.BOOLEAN));
    forms.add(one(CLIENT_TOKEN, ValueType.UUID));
    forms.add(forks());
    forms.add(one(EXCISED, ValueType.BOOLEAN));
    forms.add(one(EXCISION_DONE, ValueType.BOOLEAN));
    forms.add(one(TX_FORMS, ValueType.STRING));
    forms.add(one(TX_SETTLED, ValueType.KEYWORD));
    return forms;
  }

  private static Object one(Keyword ident, ValueType type) {
    return Collections.unmodifiableMap(attribute(ident, type, Cardinality.ONE));
  }

  private static Object unique(Keyword ident, ValueType type, Unique unique) {
    Map<Keyword, Object> form = attribute(ident, type, Cardinality.ONE);
    form.put(Keyword.of(":db/unique"),
        Keyword.of(unique == Unique.IDENTITY ? ":db.unique/identity" : ":db.unique/value"));
    return Collections.unmodifiableMap(form);
  }

  // Indexed, since it is looked up by (client, local number) as a range.
  private static Object made() {
    Map<Keyword, Object> form = attribute(TX_MADE, ValueType.TUPLE, Cardinality.MANY);
    form.put(Keyword.of(":db/tupleTypes"),
        List.of(ValueType.LONG.ident(), ValueType.LONG.ident(), ValueType.REF.ident()));
    form.put(Keyword.of(":db/index"), true);
    return Collections.unmodifiableMap(form);
  }

  private static Object forks() {
    Map<Keyword, Object> form = attribute(DB_FORKS, ValueType.TUPLE, Cardinality.MANY);
    form.put(Keyword.of(":db/tupleTypes"),
        List.of(ValueType.LONG.ident(), ValueType.LONG.ident(), ValueType.UUID.ident()));
    return Collections.unmodifiableMap(form);
  }

  private static Map<Keyword, Object> attribute(Keyword ident, ValueType type, Cardinality cardinality) {
    Map<Keyword, Object> form = new LinkedHashMap<>();
    form.put(Keyword.of(":db/ident"), ident);
    form.put(Keyword.of(":db/valueType"), type.ident());
    form.put(Keyword.of(":db/cardinality"),
        Keyword.of(cardinality == Cardinality.MANY ? ":db.cardinality/many" : ":db.cardinality/one"));
    return form;
  }
}
