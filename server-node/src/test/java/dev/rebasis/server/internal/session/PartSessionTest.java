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
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: whatever happens to a session with scopes, its client ends with the datoms of its scopes, and knows the outcomes of
 * its own transactions from the stream. Method: random histories in which clients come and go, read slowly, run out of credit
 * and change their scopes, each with a replica that takes what it is sent as docs/protocol.md says.
 */
class PartSessionTest {
  private static final String SCHEMA = """
      [{:db/ident :order/number :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :order/region :db/valueType :db.type/keyword :db/cardinality :db.cardinality/one}
       {:db/ident :order/quantity :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :order/lines :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true}
       {:db/ident :line/product :db/valueType :db.type/string :db/cardinality :db.cardinality/one}]""";
  private static final SessionLimits SMALL = new SessionLimits(20, 2, 30, 100, 10_000, 1_000_000);

  private final InlineExecutor inline = new InlineExecutor();
  private final EmbeddedMaster master = EmbeddedMaster.open(new MasterSetup(null, "memory",
      Clock.fixed(Instant.parse("2001-01-01T00:00:00Z"), ZoneOffset.UTC), () -> new UUID(7, 7), inline, inline,
      e -> { throw e; }, (done, total) -> { }));
  private final ServerMachine machine = new ServerMachine(master, SMALL);

  @AfterEach
  void close() {
    master.close();
  }

  private Transaction transact(String forms) {
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

  static ScopeSpec region(String region) {
    return new ScopeSpec(region, Edn.read("[:find ?o :in $ ?r :where [?o :order/region ?r]]"),
        List.of(Keyword.of(":" + region)), null);
  }

  /** A client that keeps what it is sent. */
  private final class Holder {
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

  private void tick() {
    inline.execute(() -> machine.tick(Instant.EPOCH));
  }

  @Test
  void sessionsOfOneScopeShareTheirFrames_andAreSentNothingOfOthers() {
    transact(SCHEMA);
    Holder one = new Holder(1, List.of(region("a")));
    Holder two = new Holder(2, List.of(region("a")));
    one.connect(1_000_000);
    two.connect(1_000_000);
    transact("[{:order/number \"0\" :order/region :a}]");
    transact("[{:order/number \"1\" :order/region :a}]");
    assertThat(last(one)).isSameAs(last(two));
    int before = one.connection.frames.size();
    transact("[{:order/number \"2\" :order/region :b}]");
    assertThat(one.connection.frames).hasSize(before);
    transact("[[:db/add [:order/number \"2\"] :order/region :a]]");
    Transaction entering = one.connection.last(Message.Transactions.class).transactions().get(0);
    assertThat(entering.withdrawn()).hasSize(1);
    assertThat(entering.datoms().stream().filter(datom -> datom.v().equals("2"))).hasSize(1);
    tick();
    one.take();
    two.take();
    one.check();
    two.check();
    assertThat(machine.parts().size()).isEqualTo(1);
    one.disconnect();
    two.disconnect();
    assertThat(machine.parts().size()).isZero();
  }

  @Test
  void aQueryThatDatomicCannotAnswer_isRefused_andTheServerGoesOn() {
    transact(SCHEMA);
    transact("[{:order/number \"1\" :order/region :a :order/quantity 5}]");
    Holder one = new Holder(1, List.of(region("a")));
    one.connect(1_000_000);
    one.take();
    ScopeSpec wrong = new ScopeSpec("wrong",
        Edn.read("[:find ?o :where [?o :order/number ?n] [(even? ?n)]]"), List.of(), null);
    inline.execute(() -> one.connection.session.received(new Message.Scope(1, List.of(wrong))));
    Message.Failed failed = one.connection.last(Message.Failed.class);
    assertThat(failed.fatal()).isFalse();
    assertThat(failed.code().toString()).isEqualTo(":rebasis.error/scope");
    one.read = one.connection.received.size();
    transact("[{:order/number \"2\" :order/region :a}]");
    tick();
    one.take();
    one.check();
  }

  @Test
  void aRefusalWaitsForTheAnswersToWhatWasAskedBefore() {
    transact(SCHEMA);
    transact("[{:order/number \"1\" :order/region :a} {:order/number \"2\" :order/region :b}]");
    Holder one = new Holder(1, List.of(region("a")));
    one.connect(1_000_000);
    one.take();
    one.connection.slow = true;
    transact("[{:order/number \"3\" :order/region :a} {:order/number \"4\" :order/region :a}]");
    transact("[{:order/number \"5\" :order/region :a} {:order/number \"6\" :order/region :a}]");
    transact("[{:order/number \"7\" :order/region :a} {:order/number \"8\" :order/region :a}]");
    ScopeSpec wrong = new ScopeSpec("wrong",
        Edn.read("[:find ?o :where [?o :order/number ?n] [(even? ?n)]]"), List.of(), null);
    ScopeSpec unsafe = new ScopeSpec("unsafe",
        Edn.read("[:find ?o :where [?o :order/number ?n] [(clojure.core/eval ?n)]]"), List.of(), null);
    int before = one.connection.received.size();
    for (Message.Scope asked : List.of(new Message.Scope(1, List.of(region("b"))), new Message.Scope(2, List.of(unsafe)),
        new Message.Scope(3, List.of(wrong)), new Message.Scope(4, List.of(region("a"))))) {
      inline.execute(() -> one.connection.session.received(asked));
    }
    while (!one.connection.unsent.isEmpty()) {
      inline.execute(one.connection.unsent.poll());
    }
    List<Object> answers = new ArrayList<>();
    for (Message message : one.connection.received.subList(before, one.connection.received.size())) {
      if (message instanceof Message.ScopeChange change && change.last()) {
        answers.add(change.ref());
      } else if (message instanceof Message.Failed failed) {
        assertThat(failed.fatal()).isFalse();
        answers.add(failed.code().toString());
      }
    }
    assertThat(answers).containsExactly(1L, ":rebasis.error/scope", ":rebasis.error/scope", 4L);
  }

  private static Frame last(Holder holder) {
    return holder.connection.frames.get(holder.connection.frames.size() - 1);
  }

  @Test
  void ownTransactionsAreTold_whateverTheyTouch() {
    transact(SCHEMA);
    transact("[{:order/number \"1\" :order/region :b}]");
    Holder one = new Holder(1, List.of(region("a")));
    Holder two = new Holder(2, List.of(region("a")));
    one.connect(1_000_000);
    two.connect(1_000_000);
    UUID id = one.push("[[:db/add [:order/number \"1\"] :order/quantity 5]]", Map.of());
    tick();
    one.take();
    two.take();
    assertThat(one.decided).contains(id);
    assertThat(two.decided).doesNotContain(id);
    one.check();
    two.check();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void whateverHappens_theClientEndsWithItsScopes(long seed) {
    Random random = new Random(seed);
    transact(SCHEMA);
    List<Holder> holders = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      holders.add(new Holder(i, scopes(random)));
    }
    for (int step = 0; step < 150; step++) {
      Holder holder = holders.get(random.nextInt(holders.size()));
      int what = random.nextInt(10);
      if (what < 6) {
        transact(forms(random));
      } else if (holder.connection == null) {
        holder.connect(random.nextBoolean() ? 1_000_000 : 30);
      } else if (what == 6) {
        holder.disconnect();
      } else if (what == 7) {
        holder.want(scopes(random));
      } else if (what == 8) {
        holder.connection.slow = !holder.connection.slow;
        flush(holder);
      } else {
        inline.execute(() -> holder.connection.session.received(new Message.PullCredit(25)));
        holder.push(forms(random), Map.of());
      }
      tick();
    }
    for (Holder holder : holders) {
      if (holder.connection != null) {
        holder.connection.slow = false;
        flush(holder);
        inline.execute(() -> holder.connection.session.received(new Message.PullCredit(1_000_000)));
        holder.disconnect();
      }
      holder.connect(1_000_000);
      tick();
      holder.take();
      holder.check();
      holder.want(scopes(random));
      holder.take();
      holder.check();
    }
  }

  private void flush(Holder holder) {
    while (!holder.connection.slow && !holder.connection.unsent.isEmpty()) {
      inline.execute(holder.connection.unsent.poll());
    }
  }

  private static List<ScopeSpec> scopes(Random random) {
    List<ScopeSpec> scopes = new ArrayList<>();
    for (String region : List.of("a", "b", "c")) {
      if (random.nextBoolean()) {
        scopes.add(region(region));
      }
    }
    if (random.nextInt(3) == 0) {
      scopes.add(new ScopeSpec("many", Edn.read("[:find ?o :where [?o :order/quantity ?q] [(> ?q 3)]]"), List.of(), null));
    }
    return scopes;
  }

  private static String forms(Random random) {
    String number = "\"" + random.nextInt(8) + "\"";
    String region = ":" + "abc".charAt(random.nextInt(3));
    return switch (random.nextInt(4)) {
      case 0 -> "[{:order/number " + number + " :order/region " + region + "}]";
      case 1 -> "[{:order/number " + number + " :order/quantity " + random.nextInt(7) + "}]";
      case 2 -> "[{:order/number " + number + " :order/region " + region + " :order/lines [{:line/product \"p"
          + random.nextInt(3) + "\"}]}]";
      default -> "[{:order/number " + number + " :order/region " + region + " :order/quantity " + random.nextInt(7) + "}]";
    };
  }
}
