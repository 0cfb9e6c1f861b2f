package dev.rebasis.server.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import dev.rebasis.digest.Digest;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import dev.rebasis.executor.InlineExecutor;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.protocol.ScopeSpec;
import dev.rebasis.protocol.Standing;
import dev.rebasis.server.internal.master.DatomicFactView;
import dev.rebasis.server.internal.master.EmbeddedMaster;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.server.internal.master.MasterSetup;
import dev.rebasis.server.internal.scope.PartRule;
import dev.rebasis.server.internal.scope.ScopeState;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;

/** A server of orders, and clients that hold parts of it, each taking what it is sent as docs/protocol.md says. Confined. */
abstract class PartWorld {
  static final String SCHEMA = """
      [{:db/ident :order/number :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :order/region :db/valueType :db.type/keyword :db/cardinality :db.cardinality/one}
       {:db/ident :order/quantity :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :order/lines :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true}
       {:db/ident :line/product :db/valueType :db.type/string :db/cardinality :db.cardinality/one}]""";
  private static final SessionLimits SMALL = new SessionLimits(20, 2, 30, 100, 10_000, 1_000_000);

  final InlineExecutor inline = new InlineExecutor();
  final EmbeddedMaster master = EmbeddedMaster.open(new MasterSetup(null, "memory",
      Clock.fixed(Instant.parse("2001-01-01T00:00:00Z"), ZoneOffset.UTC), () -> new UUID(7, 7), inline, inline,
      e -> { throw e; }, (done, total) -> { }));
  final ServerMachine machine = new ServerMachine(master, SMALL);

  @AfterEach
  void close() {
    master.close();
  }

  final Transaction transact(String forms) {
    List<Transaction> result = new ArrayList<>();
    inline.execute(() -> master.transact((List<?>) Edn.read(forms), new Master.Answer<>() {
      @Override
      public void done(Master.Transacted transacted) {
        result.add(transacted.transaction());
      }

      @Override
      public void refused(RebasisException reason) {
        throw reason;
      }
    }));
    return result.get(0);
  }

  /** The orders of a region. */
  static ScopeSpec region(String region) {
    return new ScopeSpec(region, Edn.read("[:find ?o :in $ ?r :where [?o :order/region ?r]]"),
        List.of(Keyword.of(":" + region)), null);
  }

  /** A client that keeps what it is sent. */
  final class Holder {
    final long number;
    final UUID store;
    final Map<List<Object>, Datom> held = new LinkedHashMap<>();
    final Set<UUID> decided = new HashSet<>();
    List<ScopeSpec> wanted;
    List<ScopeSpec> holds = List.of();
    List<ScopeSpec> asked;
    final Map<Long, List<ScopeSpec>> requests = new LinkedHashMap<>();
    final List<Long> cameIn = new ArrayList<>();
    VirtualClient connection;
    int read;
    long t;
    long refs;
    long client;
    long seq;
    UUID token;

    Holder(long number, List<ScopeSpec> wanted) {
      this.number = number;
      this.store = new UUID(1, number);
      this.wanted = wanted;
    }

    void connect(long credit) {
      connection = VirtualClient.connect(machine, number);
      read = 0;
      asked = wanted;
      inline.execute(() -> connection.session.received(new Message.Hello(ProtocolVersion.CURRENT, Set.of("part"), store, 0,
          t == 0 ? null : master.databaseId(), t, credit, new Standing(token, null, null, null), wanted,
          t == 0 ? wanted : holds)));
      token = connection.given();
      if (t == 0) {
        holds = wanted;
      }
    }

    void disconnect() {
      take();
      cameIn.forEach(this::forget);
      cameIn.clear();
      requests.clear();
      inline.execute(connection.session::closed);
      connection = null;
    }

    void want(List<ScopeSpec> scopes) {
      wanted = scopes;
      if (connection != null) {
        requests.put(++refs, scopes);
        inline.execute(() -> connection.session.received(new Message.Scope(refs, scopes)));
      }
    }

    UUID push(String forms, Map<String, Long> tempids) {
      UUID id = new UUID(number, ++seq);
      Map<String, Long> all = new LinkedHashMap<>(tempids);
      all.put(Intent.TX_TEMPID, 1_000 + seq);
      inline.execute(() -> connection.push(new Intent(id, seq, t, Instant.EPOCH, new ArrayList<>((List<?>) Edn.read(forms)), all)));
      return id;
    }

    void take() {
      for (; read < connection.received.size(); read++) {
        Message message = connection.received.get(read);
        if (message instanceof Message.Transactions batch) {
          assertThat(batch.follows()).as("a gap").isEqualTo(t);
          batch.transactions().forEach(this::take);
        } else if (message instanceof Message.ScopeChange change) {
          assertThat(change.change().t()).isEqualTo(t);
          take(change.change());
          cameIn.addAll(change.change().withdrawn());
          if (change.last()) {
            holds = change.ref() == 0 ? asked : requests.get(change.ref());
            cameIn.clear();
          }
        } else if (message instanceof Message.Welcome welcome) {
          assertThat(welcome.features()).contains("part");
          client = welcome.client();
        } else if (message instanceof Message.Failed failed) {
          throw new AssertionError(failed.message());
        }
      }
    }

    private void take(Transaction transaction) {
      assertThat(transaction.t()).isGreaterThanOrEqualTo(t);
      t = transaction.t();
      transaction.withdrawn().forEach(this::forget);
      for (Datom datom : transaction.datoms()) {
        List<Object> fact = List.of(datom.e(), datom.a(), datom.v());
        if (datom.added()) {
          held.putIfAbsent(fact, datom);
          if (datom.e() == transaction.tx() && datom.v() instanceof UUID id) {
            decided.add(id);
          }
        } else {
          held.remove(fact);
        }
      }
    }

    private void forget(long e) {
      held.values().removeIf(datom -> datom.e() == e && !SystemIds.isSchemaAttribute(datom.a()));
    }

    void check() {
      assertThat(t).isEqualTo(master.forcedT());
      ScopeState scratch = new ScopeState(
          new PartRule(wanted, null, Set.of()), master.database(), master.forcedT(), master::schema);
      Set<Datom> expected = new HashSet<>();
      for (datomic.Datom found : master.database().datoms(datomic.Database.EAVT)) {
        Datom datom = DatomicFactView.translate(found);
        if (scratch.has(datom) && !EntityIds.isTx(datom.e()) && EntityIds.tOf(datom.tx()) >= Digest.FIRST_T) {
          expected.add(datom);
        }
      }
      Set<Datom> ours = new HashSet<>();
      Digest digest = new Digest();
      held.values().stream().filter(datom -> !EntityIds.isTx(datom.e())).forEach(datom -> {
        ours.add(datom);
        digest.add(datom);
      });
      ours.removeIf(datom -> EntityIds.tOf(datom.tx()) < Digest.FIRST_T);
      Set<Datom> missing = new HashSet<>(expected);
      missing.removeAll(ours);
      ours.removeAll(expected);
      assertThat(missing).as("missing of client %d", number).isEmpty();
      assertThat(ours).as("too many of client %d", number).isEmpty();
      inline.execute(() -> connection.session.received(new Message.Verify(1, t, digest.attributes())));
      Message.Verified verified = connection.last(Message.Verified.class);
      assertThat(verified.known()).isTrue();
      assertThat(verified.different()).isEmpty();
      read = connection.received.size();
    }
  }

  final void tick() {
    inline.execute(() -> machine.tick(Instant.EPOCH));
  }

  final void flush(Holder holder) {
    while (!holder.connection.slow && !holder.connection.unsent.isEmpty()) {
      inline.execute(holder.connection.unsent.poll());
    }
  }
}
