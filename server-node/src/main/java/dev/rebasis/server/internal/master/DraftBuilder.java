package dev.rebasis.server.internal.master;

import dev.rebasis.conflict.Conflict;
import dev.rebasis.conflict.Decision;
import dev.rebasis.conflict.Reason;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Schema;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.ValueType;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.RebasisSchema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Turns the decision about one intent into the forms that the master commits: the resolved changes, one list form
 * each, then what is recorded on the transaction's entity. Confined to one decision.
 *
 * <p>A local id -n becomes the string tempid "en". Datomic gives ids in the order in which tempids are first met in
 * entity position, so the same forms get the same ids at every replay.
 */
final class DraftBuilder {
  private final Schema schema;
  private final long client;
  private final String user;
  private final Intent intent;
  private final Long retries;
  private final List<Object> forms = new ArrayList<>();
  private final Set<Long> placed = new HashSet<>();

  DraftBuilder(Schema schema, long client, String user, Intent intent, Long retries) {
    this.schema = schema;
    this.client = client;
    this.user = user;
    this.intent = intent;
    this.retries = retries;
  }

  /** The forms of an accepted or merged intent. */
  Draft committed(Decision decision) {
    addChanges(decision.datoms());
    List<Draft.Made> made = made(decision);
    Map<Object, Object> tx = metadata();
    if (decision.kind() == OutcomeKind.MERGED) {
      tx.put(RebasisSchema.TX_OUTCOME, decision.kind().ident());
    }
    if (!made.isEmpty()) {
      List<Object> tuples = new ArrayList<>(made.size());
      for (Draft.Made one : made) {
        tuples.add(List.of(client, one.number(), one.entity()));
      }
      tx.put(RebasisSchema.TX_MADE, tuples);
    }
    addConflicts(tx, decision.conflicts());
    addMetadata(tx);
    return new Draft(decision.kind(), forms, made, null, null, decision.conflicts());
  }

  /** The forms that record a parking or a rejection. */
  Draft recorded(OutcomeKind kind, Reason reason, List<Conflict> conflicts) {
    Map<Object, Object> tx = metadata();
    tx.put(RebasisSchema.TX_OUTCOME, kind.ident());
    tx.put(RebasisSchema.TX_REASON, reason.code());
    tx.put(RebasisSchema.TX_MESSAGE, reason.message());
    if (kind == OutcomeKind.PARKED) {
      tx.put(RebasisSchema.TX_FORMS, ParkedForms.write(intent));
    }
    addConflicts(tx, conflicts);
    addMetadata(tx);
    return new Draft(kind, forms, List.of(), reason.code(), reason.message(), conflicts);
  }

  private Map<Object, Object> metadata() {
    Map<Object, Object> tx = new LinkedHashMap<>();
    tx.put(RebasisSchema.TX_ID, intent.id());
    tx.put(RebasisSchema.TX_CLIENT, client);
    if (user != null) {
      tx.put(RebasisSchema.TX_USER, user);
    }
    tx.put(RebasisSchema.TX_SEQ, intent.seq());
    tx.put(RebasisSchema.TX_BASIS, intent.basisT());
    tx.put(RebasisSchema.TX_MADE_AT, intent.madeAt());
    if (intent.terms().group() != null) {
      tx.put(RebasisSchema.TX_GROUP, intent.terms().group().id());
    }
    if (retries != null) {
      tx.put(RebasisSchema.TX_RETRIES, retries);
    }
    return tx;
  }

  /** As list forms where it can be: Datomic takes a tenth less time for them than for a map. */
  private void addMetadata(Map<Object, Object> tx) {
    tx.forEach((attribute, value) -> {
      if (attribute.equals(RebasisSchema.TX_CONFLICTS)) {
        forms.add(Map.of(Names.DB_ID, Intent.TX_TEMPID, attribute, value));
      } else if (attribute.equals(RebasisSchema.TX_MADE)) {
        ((List<?>) value).forEach(one -> forms.add(List.of(Names.DB_ADD, Intent.TX_TEMPID, attribute, one)));
      } else {
        forms.add(List.of(Names.DB_ADD, Intent.TX_TEMPID, attribute, value));
      }
    });
  }

  private void addChanges(List<Datom> datoms) {
    for (int i = 0; i < datoms.size(); i++) {
      Datom datom = datoms.get(i);
      Attribute attribute = schema.attribute(datom.a());
      if (isDatomicsOwn(attribute) || isReplaced(datoms, i, attribute)) {
        continue;
      }
      forms.add(Arrays.asList(datom.added() ? Names.DB_ADD : Names.DB_RETRACT, entity(datom.e()),
          attribute.ident(), value(attribute, datom.v())));
      placed.add(datom.e());
    }
  }

  /** Datomic maintains composite tuples and the list of attributes itself. */
  private static boolean isDatomicsOwn(Attribute attribute) {
    return !attribute.tupleAttributes().isEmpty() || attribute.id() == SystemIds.DB_INSTALL_ATTRIBUTE
        || attribute.id() == SystemIds.DB_ALTER_ATTRIBUTE;
  }

  /** Whether the retraction at the index only makes room for the assertion behind it, which Datomic does by itself. */
  private static boolean isReplaced(List<Datom> datoms, int index, Attribute attribute) {
    Datom datom = datoms.get(index);
    if (datom.added() || attribute.isMany() || index + 1 == datoms.size()) {
      return false;
    }
    Datom next = datoms.get(index + 1);
    return next.added() && next.e() == datom.e() && next.a() == datom.a();
  }

  private Object entity(long id) {
    return !EntityIds.isLocal(id) ? (Object) id : id == intent.txLocalId() ? Intent.TX_TEMPID : "e" + -id;
  }

  private Object value(Attribute attribute, Object value) {
    if (attribute.isRef()) {
      return entity((Long) value);
    }
    if (attribute.valueType() != ValueType.TUPLE || !attribute.tupleTypes().contains(ValueType.REF)) {
      return value;
    }
    List<ValueType> types = attribute.tupleTypes();
    List<Object> elements = new ArrayList<>();
    for (Object element : (List<?>) value) {
      ValueType type = types.get(types.size() == 1 ? 0 : elements.size());
      elements.add(type == ValueType.REF && element != null ? entity((Long) element) : element);
    }
    return Collections.unmodifiableList(elements);
  }

  private List<Draft.Made> made(Decision decision) {
    List<Draft.Made> made = new ArrayList<>();
    new TreeMap<>(decision.numbers()).forEach((number, id) -> {
      if (number == -intent.txLocalId()) {
        if (mentionsTx(intent.forms())) {
          made.add(new Draft.Made(number, Intent.TX_TEMPID));
        }
        return;
      }
      if (EntityIds.isLocal(id) && placed.add(id)) {
        // Nothing is said about this entity, yet a later transaction may refer to it: a retraction of what was never
        // there makes Datomic give it an id.
        forms.add(List.of(Names.DB_RETRACT, entity(id), Names.DB_DOC, ""));
      }
      made.add(new Draft.Made(number, entity(id)));
    });
    return made;
  }

  private boolean mentionsTx(Object form) {
    if (form instanceof String text) {
      return text.equals(Intent.TX_TEMPID);
    }
    if (form instanceof Long number) {
      return number == intent.txLocalId();
    }
    if (form instanceof Map<?, ?> map) {
      return map.values().stream().anyMatch(this::mentionsTx);
    }
    if (form instanceof Iterable<?> elements) {
      for (Object element : elements) {
        if (mentionsTx(element)) {
          return true;
        }
      }
    }
    return false;
  }

  private void addConflicts(Map<Object, Object> tx, List<Conflict> conflicts) {
    if (conflicts.isEmpty()) {
      return;
    }
    List<Object> components = new ArrayList<>(conflicts.size());
    for (Conflict conflict : conflicts) {
      components.add(component(conflict, "conflict" + (components.size() + 1)));
    }
    tx.put(RebasisSchema.TX_CONFLICTS, components);
  }

  private Map<Object, Object> component(Conflict conflict, String tempid) {
    Map<Object, Object> component = new LinkedHashMap<>();
    component.put(Names.DB_ID, tempid);
    component.put(RebasisSchema.CONFLICT_KIND, conflict.kind());
    if (!EntityIds.isLocal(conflict.e()) || placed.contains(conflict.e())) {
      component.put(RebasisSchema.CONFLICT_ENTITY, entity(conflict.e()));
    }
    if (conflict.attribute() != null) {
      component.put(RebasisSchema.CONFLICT_ATTRIBUTE, conflict.attribute());
    }
    component.put(RebasisSchema.CONFLICT_BASE, Edn.write(conflict.base()));
    component.put(RebasisSchema.CONFLICT_LOCAL, Edn.write(conflict.local()));
    component.put(RebasisSchema.CONFLICT_REMOTE, Edn.write(conflict.remote()));
    component.put(RebasisSchema.CONFLICT_RESOLVED, Edn.write(conflict.resolved()));
    component.put(RebasisSchema.CONFLICT_POLICY, conflict.policy());
    if (conflict.remoteTx() > 0) {
      component.put(RebasisSchema.CONFLICT_REMOTE_TX, conflict.remoteTx());
    }
    return component;
  }
}
