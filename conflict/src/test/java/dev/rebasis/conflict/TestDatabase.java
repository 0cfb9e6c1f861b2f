package dev.rebasis.conflict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.ValueType;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** A server in miniature: facts, their history, and commits that give local ids their own. */
final class TestDatabase {
  private static final long USER_PARTITION = 4L << 42;

  private final TestFacts facts;
  private final List<Datom> history = new ArrayList<>();
  private final Map<Long, List<Datom>> historyOf = new HashMap<>();
  private final Set<Long> ownTxs = new HashSet<>();
  private final Map<Long, Long> ids = new HashMap<>();
  private long t = 1000;
  private long nextEntity = 1001;
  private long nextAttribute = 72;
  private long nextLocal = 1;
  private Rules rules = Rules.BUILT_IN;

  TestDatabase(String schema) {
    facts = new TestFacts();
    remote(schema);
  }

  /** A copy: each goes its own way from here. */
  TestDatabase(TestDatabase other) {
    facts = new TestFacts(other.facts);
    other.history.forEach(this::remember);
    ownTxs.addAll(other.ownTxs);
    ids.putAll(other.ids);
    t = other.t;
    nextEntity = other.nextEntity;
    nextAttribute = other.nextAttribute;
    nextLocal = other.nextLocal;
    rules = other.rules;
  }

  /** Gives the database the attribute that says which policy another one has. */
  TestDatabase withPolicies() {
    remote("[{:db/ident :rebasis/policy :db/valueType :db.type/keyword :db/cardinality :db.cardinality/one}]");
    return this;
  }

  void rules(Rules others) {
    rules = others;
  }

  TestFacts now() {
    return facts;
  }

  long basisT() {
    return t;
  }

  /** The forms of an author, on the current schema, made on a basis. */
  Intent intent(String edn, long basisT) {
    IntentBuilder.Completed completed = IntentBuilder.complete(Edn.read(edn), facts.schema(), () -> nextLocal++);
    return new Intent(new UUID(0, nextLocal), nextLocal, basisT, Instant.EPOCH, completed.forms(), completed.tempids());
  }

  /** The decision about an intent made now, that nothing remote meets. */
  Decision decide(String edn) {
    return decide(intent(edn, t));
  }

  Decision decide(Intent intent) {
    return Decider.decide(intent, facts, remote(intent.basisT()), this::resolve, rules);
  }

  RemoteChanges remote(long basisT) {
    return remote(basisT, ownTxs);
  }

  /** As a server decides for one of several clients, and commits: {@code own} are that client's transactions. */
  Decision push(Intent intent, Set<Long> own) {
    Decision decision = Decider.decide(intent, facts, remote(intent.basisT(), own), this::resolve, rules);
    if (decision.kind().isCommitted()) {
      commit(intent, decision);
      own.add(EntityIds.txOf(t));
    }
    return decision;
  }

  /** As a client receives a confirmed transaction; one that it has is passed over, as its T tells. */
  void receive(List<Datom> transaction, boolean own) {
    if (transaction.get(0).t() <= t) {
      return;
    }
    facts.apply(transaction);
    transaction.forEach(this::remember);
    t = transaction.get(0).t();
    if (own) {
      ownTxs.add(transaction.get(0).tx());
    }
  }

  private RemoteChanges remote(long basisT, Set<Long> ownTxs) {
    boolean empty = true;
    for (int i = history.size() - 1; empty && i >= 0 && history.get(i).t() > basisT; i--) {
      empty = ownTxs.contains(history.get(i).tx());
    }
    return new HistoryChanges(new HistoryChanges.History() {
      @Override
      public Iterable<Datom> of(long e, long a) {
        return of(e).stream().filter(d -> d.a() == a).toList();
      }

      @Override
      public List<Datom> of(long e) {
        return historyOf.getOrDefault(e, List.of());
      }

      @Override
      public Iterable<Datom> ofValue(long a, Object v) {
        return history.stream().filter(d -> d.a() == a && d.v().equals(v)).toList();
      }

      @Override
      public Iterable<Datom> ofAttribute(long a) {
        return history.stream().filter(d -> d.a() == a).toList();
      }

      @Override
      public boolean isMany(long a) {
        Attribute attribute = facts.schema().attribute(a);
        return attribute != null && attribute.isMany();
      }
    }, basisT, ownTxs::contains, empty);
  }

  long resolve(long localId) {
    return ids.getOrDefault(localId, localId);
  }

  /** Others commit these forms; gives the basis T after it. */
  long remote(String edn) {
    Intent intent = intent(edn, t);
    Decision decision = Decider.decide(intent, facts, RemoteChanges.NONE, this::resolve, rules);
    assertThat(decision.reason()).as("the decision about %s", edn).isNull();
    commit(intent, decision);
    return t;
  }

  /** The client's own transaction is decided and committed. */
  Decision own(Intent intent) {
    Decision decision = decide(intent);
    if (decision.kind().isCommitted()) {
      commit(intent, decision);
      ownTxs.add(EntityIds.txOf(t));
    }
    return decision;
  }

  /** Others commit these forms if they are valid. */
  void tryRemote(String edn) {
    Intent intent = intent(edn, t);
    Decision decision = Decider.decide(intent, facts, RemoteChanges.NONE, this::resolve, rules);
    if (decision.kind().isCommitted()) {
      commit(intent, decision);
    }
  }

  /** All that was committed after Datomic's own facts. */
  List<Datom> history() {
    return history;
  }

  private void commit(Intent intent, Decision decision) {
    t += 2;
    ids.put(intent.txLocalId(), EntityIds.txOf(t));
    decision.datoms().stream().filter(d -> d.added() && d.a() == 40).forEach(d -> give(d.e(), true));
    List<Datom> committed = new ArrayList<>();
    for (Datom datom : decision.datoms()) {
      committed.add(new Datom(
          give(datom.e(), false), give(datom.a(), true), value(datom), EntityIds.txOf(t), datom.added()));
    }
    decision.numbers().forEach((number, e) -> ids.put(-number, give(e, false)));
    facts.apply(committed);
    committed.forEach(this::remember);
  }

  /** Has a datom been, whether or not it stands. */
  void remember(Datom datom) {
    history.add(datom);
    historyOf.computeIfAbsent(datom.e(), x -> new ArrayList<>()).add(datom);
  }

  private long give(long e, boolean attribute) {
    return e >= 0 ? e : ids.computeIfAbsent(e, x -> attribute ? nextAttribute++ : USER_PARTITION + nextEntity++);
  }

  private Object value(Datom datom) {
    Attribute attribute = facts.schema().attribute(datom.a());
    if (attribute.isRef()) {
      return give((Long) datom.v(), false);
    }
    if (attribute.valueType() != ValueType.TUPLE) {
      return datom.v();
    }
    List<Object> elements = new ArrayList<>((List<?>) datom.v());
    for (int i = 0; i < elements.size(); i++) {
      if (elements.get(i) instanceof Long id && Vocabulary.elementType(attribute, i, facts.schema()) == ValueType.REF) {
        elements.set(i, give(id, false));
      }
    }
    return Collections.unmodifiableList(elements);
  }

  /** The entity with this value of a unique attribute. */
  long entity(String attribute, Object value) {
    return new TracingView(facts).holder(facts.schema().attribute(Keyword.of(attribute)), value);
  }

  /** The current values of an attribute, as a set. */
  Set<Object> values(long e, String attribute) {
    return new HashSet<>(new TracingView(facts).values(e, facts.schema().attribute(Keyword.of(attribute))));
  }

  /** A decision's datoms as {@code [e attribute value added]}, without transaction, in order. */
  List<List<Object>> shown(Decision decision) {
    return decision.datoms().stream()
        .map(d -> List.<Object>of(d.e(), facts.schema().ident(d.a()).toString(), d.v(), d.added())).toList();
  }
}
