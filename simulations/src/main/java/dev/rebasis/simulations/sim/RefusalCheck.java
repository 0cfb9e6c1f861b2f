package dev.rebasis.simulations.sim;

import clojure.lang.IExceptionInfo;
import datomic.Connection;
import datomic.Database;
import datomic.Peer;
import dev.rebasis.client.SyncClient;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.TransactionException;
import dev.rebasis.server.internal.master.DatomicValues;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.simulations.world.ClientNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongUnaryOperator;

/**
 * Asks Datomic itself whether it refuses what a client has refused: the server's database value with the client's pending
 * changes put on it as plain facts, and then the forms, speculatively. Only where both stand on the same T, and for forms
 * and schema that need nobody's code. What cannot be asked is told apart from what is refused. Stateless.
 */
final class RefusalCheck {
  private static final Set<String> FORMS = Set.of(":db/add", ":db/retract", ":db/cas", ":db/retractEntity");
  private static final Keyword DOC = Keyword.of(":db/doc");
  private static final String TEMPID = "pending-";
  /** Of the peer: it takes the value for a sequence before it looks what it is. */
  private static final String READS_A_TUPLE = "datomic.db$coerce_tuple";
  private static final clojure.lang.Keyword DB_ERROR = clojure.lang.Keyword.intern("db", "error");

  /** What Datomic says of forms that a client refused. */
  enum Answer {
    TAKES, REFUSES,
    /** It is not the moment, or nothing that Datomic alone could tell. */
    NOT_ASKED,
    /** What is pending cannot be put there as plain facts, so that the forms were not tried. */
    NOT_PUT
  }

  private RefusalCheck() {}

  /**
   * Asks Datomic about what the client refused.
   *
   * @param forms as the client was given them
   * @throws RuntimeException if they, or what is pending, fail there without a code of Datomic's
   */
  static Answer ask(ClientNode node, Master master, Object forms, TransactionException refusal) {
    return node.disk().faults().looking(() -> ask(node.client(), master, forms, refusal));
  }

  private static Answer ask(SyncClient client, Master master, Object forms, TransactionException refusal) {
    Object data = forms instanceof String edn ? Edn.read(edn) : forms;
    if (!"db.error".equals(refusal.code().namespace()) || client.scopes() != null
        || client.confirmed().basisT() != master.forcedT() || !(data instanceof List<?> list) || !isPlain(list)) {
      return Answer.NOT_ASKED;
    }
    Database server = master.database();
    if (server.asOfT() != null) {
      return Answer.NOT_ASKED; // Something is decided and waits for a slow disk: trying a transaction would try it on that.
    }
    Set<Datom> confirmed = current(client.confirmed());
    Set<Datom> optimistic = current(client.db());
    List<Object> pending = new ArrayList<>();
    for (Datom datom : optimistic) {
      if (!confirmed.contains(datom) && !add(pending, ":db/add", datom, client.db())) {
        return Answer.NOT_PUT;
      }
    }
    for (Datom datom : confirmed) {
      if (!optimistic.contains(datom) && !add(pending, ":db/retract", datom, client.db())) {
        return Answer.NOT_PUT;
      }
    }
    return ask(client.db(), server, pending, list);
  }

  private static boolean isPlain(List<?> forms) {
    return forms.stream().allMatch(form -> form instanceof Map<?, ?>
        || form instanceof List<?> list && !list.isEmpty() && FORMS.contains(String.valueOf(list.get(0))));
  }

  private static Set<Datom> current(dev.rebasis.client.Database database) {
    Set<Datom> datoms = new LinkedHashSet<>();
    database.datoms(IndexOrder.EAVT).forEach(datoms::add);
    return datoms;
  }

  /** Whether it can be put as a plain fact: a schema that is pending needs more, and so do tuples with references. */
  private static boolean add(List<Object> pending, String word, Datom datom, dev.rebasis.client.Database db) {
    Attribute attribute = db.attribute(datom.a());
    if (EntityIds.isTx(datom.e()) || attribute == null || ":db/txInstant".equals(attribute.ident().toString())
        || attribute.ident().namespace().startsWith("rebasis")) {
      return true; // What transactions say of themselves.
    }
    if (attribute.ident().namespace().startsWith("db") && !attribute.ident().equals(DOC) || datom.v() instanceof List<?>) {
      return false;
    }
    pending.add(List.of(Keyword.of(word), entity(datom.e()),
        attribute.ident(), attribute.isRef() ? entity((Long) datom.v()) : datom.v()));
    return true;
  }

  private static Object entity(long id) {
    return EntityIds.isLocal(id) ? TEMPID + -id : (Object) id;
  }

  private static Answer ask(
      dev.rebasis.client.Database seen, Database server, List<Object> pending, List<?> forms) {
    Database after;
    Object tempids;
    try {
      Map<?, ?> put = server.with((List<?>) DatomicValues.toDatomic(pending));
      after = (Database) put.get(Connection.DB_AFTER);
      tempids = put.get(Connection.TEMPIDS);
    } catch (RuntimeException e) {
      if (!isByDatomic(e)) {
        throw e;
      }
      return Answer.NOT_PUT; // Not in one go: it says nothing of the forms.
    }
    Map<Long, Long> ids = new HashMap<>();
    ((Map<?, ?>) tempids).keySet().forEach(tempid -> {
      if (tempid instanceof String name && name.startsWith(TEMPID)) {
        ids.put(-Long.parseLong(name.substring(TEMPID.length())), (Long) Peer.resolveTempid(after, tempids, tempid));
      }
    });
    // What is confirmed by now may still be called by the id that it had here; to Datomic that would be a new entity.
    List<?> asked = (List<?>) DatomicValues.toDatomic(named(forms, id -> ids.getOrDefault(id, seen.entid(id))));
    try {
      after.with(asked);
      return Answer.TAKES;
    } catch (RuntimeException e) {
      if (!isByDatomic(e)) {
        throw e; // Ours, or one of the peer's: whoever looks at the trace can tell.
      }
      return Answer.REFUSES;
    }
  }

  /** What bears a code of Datomic's is a refusal, and so is what it says without one of a tuple that is none; anything else may be ours. */
  static boolean isByDatomic(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof IExceptionInfo info && info.getData().valAt(DB_ERROR) != null
          || cause instanceof IllegalArgumentException
          && Arrays.stream(cause.getStackTrace()).anyMatch(frame -> frame.getClassName().startsWith(READS_A_TUPLE))) {
        return true;
      }
    }
    return false;
  }

  /** With Datomic's ids for those that the client gave out. */
  private static Object named(Object form, LongUnaryOperator ids) {
    if (form instanceof List<?> list) {
      List<Object> named = new ArrayList<>();
      list.forEach(element -> named.add(named(element, ids)));
      return named;
    }
    if (form instanceof Map<?, ?> map) {
      Map<Object, Object> named = new LinkedHashMap<>();
      map.forEach((key, value) -> named.put(key, named(value, ids)));
      return named;
    }
    return form instanceof Long id && EntityIds.isLocal(id) ? (Object) ids.applyAsLong(id) : form;
  }
}
