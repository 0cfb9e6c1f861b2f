package dev.rebasis.server.internal.master;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.Terms;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of pushed transactions: the part of the contract of {@link Master} that is about them. */
abstract class PushContract {
  MasterFixture f;
  long c1;
  long c2;

  /** A new master. */
  abstract MasterFixture fresh();

  @BeforeEach
  void open() {
    f = fresh();
    f.transact(MasterFixture.SCHEMA);
    c1 = f.client(1);
    c2 = f.client(2);
  }

  @AfterEach
  void close() {
    f.close();
  }

  @Test
  void anAcceptedPushIsCommittedWithItsRecord() {
    long basis = f.master.forcedT();
    Intent intent = f.intent(basis, "[{:db/id \"a\" :order/number \"A\" :order/quantity 3}]", "a");
    PushOutcome outcome = f.push(c1, intent).only();
    assertThat(outcome.kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(outcome.duplicate()).isFalse();
    assertThat(outcome.t()).isEqualTo(f.master.forcedT());
    long number = intent.tempids().get("a");
    long entity = outcome.made().get(number);
    assertThat(outcome.made()).containsOnlyKeys(number);
    assertThat(ask("[:find ?n . :where [?n :order/number \"A\"]]")).isEqualTo(entity);
    Map<String, Object> record = txRecord(outcome.t());
    assertThat(record).containsEntry(":rebasis.tx/id", intent.id())
        .containsEntry(":rebasis.tx/client", c1)
        .containsEntry(":rebasis.tx/seq", intent.seq())
        .containsEntry(":rebasis.tx/basis", basis)
        .containsKey(":rebasis.tx/madeAt")
        .doesNotContainKey(":rebasis.tx/outcome");
    assertThat(record.get(":rebasis.tx/made").toString()).isEqualTo("#{[" + c1 + " " + number + " " + entity + "]}");
  }

  @Test
  void anUpsertIsRecordedAsMadeToo() {
    long existing = f.transact("[{:db/id \"x\" :order/number \"A\"}]").tempids().get("x");
    Intent intent = f.intent(f.master.forcedT(), "[{:db/id \"a\" :order/number \"A\" :order/note \"n\"}]", "a");
    PushOutcome outcome = f.push(c1, intent).only();
    assertThat(outcome.made()).containsEntry(intent.tempids().get("a"), existing);
  }

  @Test
  void aRepeatedPushGetsTheFirstAnswer() {
    Intent intent = f.intent(f.master.forcedT(), "[{:db/id \"a\" :order/number \"A\"}]", "a");
    PushOutcome first = f.push(c1, intent).only();
    f.transact("[[:db/retractEntity [:order/number \"A\"]]]");
    long t = f.master.forcedT();
    PushOutcome second = f.push(c1, intent).only();
    assertThat(second).isEqualTo(new PushOutcome(first.id(), first.kind(), true, first.t(), first.made(), null, null));
    assertThat(f.master.forcedT()).as("nothing was written").isEqualTo(t);
  }

  @Test
  void aLaterPushRefersToWhatAnEarlierOneMade() {
    Intent first = f.intent(f.master.forcedT(), "[{:db/id \"a\" :order/number \"A\"}]", "a");
    long local = -first.tempids().get("a");
    Intent second = f.intent(f.master.forcedT(),
        "[[:db/add " + local + " :order/note \"later\"] {:db/id \"b\" :order/number \"B\" :order/parent " + local + "}]",
        "b");
    MasterFixture.Pushed pushed = f.push(c1, first, second);
    assertThat(pushed.outcomes).extracting(PushOutcome::kind)
        .containsExactly(OutcomeKind.ACCEPTED, OutcomeKind.ACCEPTED);
    long entity = pushed.outcomes.get(0).made().get(-local);
    assertThat(ask("[:find ?e . :where [?e :order/note \"later\"]]")).isEqualTo(entity);
    assertThat(ask("[:find ?p . :where [?b :order/number \"B\"] [?b :order/parent ?p]]")).isEqualTo(entity);
  }

  @Test
  void whatDependsOnSomethingUnknownIsParked() {
    Intent rejected = f.intent(f.master.forcedT(), "[{:db/id \"a\" :order/quantity \"three\"}]", "a");
    long local = -rejected.tempids().get("a");
    Intent dependent = f.intent(f.master.forcedT(), "[[:db/add " + local + " :order/note \"n\"]]");
    MasterFixture.Pushed pushed = f.push(c1, rejected, dependent);
    assertThat(pushed.outcomes).extracting(PushOutcome::kind)
        .containsExactly(OutcomeKind.REJECTED, OutcomeKind.PARKED);
    assertThat(pushed.outcomes.get(1).message()).contains(Long.toString(local));
    // Another client's local number is no answer either.
    Intent others = f.intent(f.master.forcedT(), "[[:db/add -1 :order/note \"n\"]]");
    f.push(c1, f.intent(f.master.forcedT(), "[{:db/id \"x\" :order/number \"X\"}]", "x"));
    assertThat(f.push(c2, others).only().kind()).isEqualTo(OutcomeKind.PARKED);
  }

  @Test
  void aRejectionIsRecordedAndRepeated() {
    Intent intent = f.intent(f.master.forcedT(), "[{:db/id \"a\" :order/color \"red\"}]", "a");
    PushOutcome outcome = f.push(c1, intent).only();
    assertThat(outcome.kind()).isEqualTo(OutcomeKind.REJECTED);
    assertThat(outcome.code()).isEqualTo(Keyword.of(":db.error/not-an-entity"));
    assertThat(outcome.t()).isEqualTo(f.master.forcedT());
    Map<String, Object> record = txRecord(outcome.t());
    assertThat(record).containsEntry(":rebasis.tx/id", intent.id())
        .containsEntry(":rebasis.tx/message", outcome.message());
    assertThat(record.get(":rebasis.tx/outcome")).hasToString(":rebasis.outcome/rejected");
    assertThat(record.get(":rebasis.tx/reason")).hasToString(":db.error/not-an-entity");
    // The same intent would be fine now, and is still rejected.
    f.transact("[{:db/ident :order/color :db/valueType :db.type/string :db/cardinality :db.cardinality/one}]");
    PushOutcome again = f.push(c1, intent).only();
    assertThat(again.duplicate()).isTrue();
    assertThat(again.kind()).isEqualTo(OutcomeKind.REJECTED);
    assertThat(again.t()).isEqualTo(outcome.t());
    assertThat(again.code()).isEqualTo(outcome.code());
    assertThat(again.message()).isEqualTo(outcome.message());
  }

  @Test
  void aFailedCasNamesTheValueFound() {
    f.transact("[{:order/number \"A\" :order/quantity 7}]");
    PushOutcome outcome = f.push(c1,
        f.intent(f.master.forcedT(), "[[:db/cas [:order/number \"A\"] :order/quantity 1 2]]")).only();
    assertThat(outcome.kind()).isEqualTo(OutcomeKind.REJECTED);
    assertThat(outcome.code()).isEqualTo(Keyword.of(":db.error/cas-failed"));
    assertThat(outcome.message()).contains("7");
  }

  @Test
  void theLastWriterWinsAndTheLoserIsRecorded() {
    long e = f.transact("[{:db/id \"x\" :order/number \"A\" :order/note \"base\"}]").tempids().get("x");
    long basis = f.master.forcedT();
    PushOutcome first = f.push(c1, f.intent(basis, "[[:db/add " + e + " :order/note \"one\"]]")).only();
    PushOutcome second = f.push(c2, f.intent(basis, "[[:db/add " + e + " :order/note \"two\"]]")).only();
    assertThat(first.kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(second.kind()).isEqualTo(OutcomeKind.MERGED);
    assertThat(f.master.database().entity(e).get(":order/note")).isEqualTo("two");
    assertThat(txRecord(second.t()).get(":rebasis.tx/outcome")).hasToString(":rebasis.outcome/merged");
    assertThat(rows("""
        [:find ?e ?a ?base ?local ?remote ?resolved ?tx2
         :where [?tx :rebasis.tx/conflicts ?c] [?c :rebasis.conflict/entity ?e] [?c :rebasis.conflict/attribute ?a]
                [?c :rebasis.conflict/base ?base] [?c :rebasis.conflict/local ?local]
                [?c :rebasis.conflict/remote ?remote] [?c :rebasis.conflict/resolved ?resolved]
                [?c :rebasis.conflict/remoteTx ?tx2]]"""))
        .isEqualTo("#{[" + e + " :order/note \"[\\\"base\\\"]\" \"[\\\"two\\\"]\" \"[\\\"one\\\"]\" \"[\\\"two\\\"]\" "
            + dev.rebasis.data.EntityIds.txOf(first.t()) + "]}");
  }

  /** A client refuses to make these; a stranger may send them all the same. */
  @ParameterizedTest
  @CsvSource(delimiter = '|', value = {
      "[:find ?x . :where [(java.lang.System/getProperty \"user.dir\") ?x]] | may not call java.lang.System/getProperty",
      "[:find ?t . :where [?o :order/number \"A\" ?t]] | may not ask which transaction wrote"})
  void aPremiseThatMayNotBeAskedIsParkedUnanswered(String query, String why) {
    long e = f.transact("[{:db/id \"x\" :order/number \"A\"}]").tempids().get("x");
    long basis = f.master.forcedT();
    f.push(c2, f.intent(basis, "[[:db/add " + e + " :order/note \"others\"]]"));
    Intent intent = f.intent(basis, "[[:db/add " + e + " :order/quantity 2]]");
    PushOutcome outcome = f.push(c1, intent.withTerms(
        Terms.NONE.withPremises(List.of(new Terms.Premise(Edn.read(query), List.of(), ""))))).only();
    assertThat(outcome.kind()).isEqualTo(OutcomeKind.PARKED);
    assertThat(outcome.code()).isEqualTo(Keyword.of(":rebasis.error/premise-failed"));
    assertThat(outcome.message()).contains(why);
  }

  /** Each of them is asked while everybody waits. */
  @Test
  void oneTransactionHasNoMoreThanSomePremises() {
    Terms.Premise premise = new Terms.Premise(Edn.read("[:find ?o . :where [?o :order/number]]"), List.of(), "");
    Intent intent = f.intent(f.master.forcedT(), "[{:db/id \"a\" :order/number \"A\"}]", "a");
    PushOutcome outcome = f.push(c1, intent.withTerms(
        Terms.NONE.withPremises(Collections.nCopies(Terms.PREMISES_MAX + 1, premise)))).only();
    assertThat(outcome.code()).isEqualTo(Keyword.of(":rebasis.error/malformed-push"));
    assertThat(outcome.message()).contains("at most 16 premises, not 17");
  }

  /** The log since is not read into memory, however old a basis the client names. */
  @Test
  void aPremiseFromVeryLongAgoIsNotChecked() {
    long basis = f.master.forcedT();
    f.push(c1, f.intent(basis, "[{:db/id \"a\" :order/number \"mine\"}]", "a"));
    for (int i = 0; i < 11; i++) {
      List<Object> many = new ArrayList<>();
      for (int n = 0; n < 10_000; n++) {
        many.add(Map.of(Keyword.of(":order/quantity"), (long) n));
      }
      MasterFixture.Result<Master.Transacted> done = new MasterFixture.Result<>();
      f.master.transact(many, done);
      done.get();
    }
    Terms.Premise premise = new Terms.Premise(Edn.read("[:find ?o . :where [?o :order/number \"B\"]]"), List.of(), "");
    PushOutcome outcome = f.push(c1, f.intent(basis, "[{:db/id \"a\" :order/number \"A\"}]", "a").withTerms(
        Terms.NONE.withPremises(List.of(premise)))).only();
    assertThat(outcome.kind()).isEqualTo(OutcomeKind.PARKED);
    assertThat(outcome.message()).contains("cannot be checked: since T " + basis).contains("Try it again");
  }

  @Test
  void ownEarlierTransactionsAreNeverRemote() {
    long e = f.transact("[{:db/id \"x\" :order/number \"A\" :order/note \"base\"}]").tempids().get("x");
    long basis = f.master.forcedT();
    MasterFixture.Pushed pushed = f.push(c1,
        f.intent(basis, "[[:db/add " + e + " :order/note \"one\"]]"),
        f.intent(basis, "[[:db/add " + e + " :order/note \"two\"]]"),
        f.intent(basis, "[[:db/cas " + e + " :order/note \"two\" \"three\"]]"));
    assertThat(pushed.outcomes).extracting(PushOutcome::kind).containsOnly(OutcomeKind.ACCEPTED);
    assertThat(f.master.database().entity(e).get(":order/note")).isEqualTo("three");
  }

  @Test
  void ofClientsThatWriteInTurnsEachTimeTheLastWins() {
    long e = f.transact("[{:db/id \"x\" :order/number \"A\"}]").tempids().get("x");
    long basis = f.master.forcedT();
    for (int i = 1; i <= 4; i++) {
      f.push(c1, f.intent(basis, "[[:db/add " + e + " :order/quantity " + i + "]]")).only();
      assertThat(f.master.database().entity(e).get(":order/quantity")).isEqualTo((long) i);
      f.push(c2, f.intent(basis, "[[:db/add " + e + " :order/quantity " + 1000 * i + "]]")).only();
      assertThat(f.master.database().entity(e).get(":order/quantity")).isEqualTo(1000L * i);
    }
  }

  @Test
  void writingToARetractedEntityIsParkedWithItsRecord() {
    long e = f.transact("[{:db/id \"x\" :order/number \"A\" :order/note \"base\" :order/quantity 3}]").tempids().get("x");
    long basis = f.master.forcedT();
    long gone = f.transact("[[:db/retractEntity " + e + "]]").transaction().tx();
    PushOutcome outcome = f.push(c1, f.intent(
        basis, "[[:db/add " + e + " :order/note \"late\"] [:db/add " + e + " :order/quantity 7]]")).only();
    assertThat(outcome.kind()).isEqualTo(OutcomeKind.PARKED);
    assertThat(txRecord(outcome.t()).get(":rebasis.tx/outcome")).hasToString(":rebasis.outcome/parked");
    assertThat(ask("[:find ?n . :where [_ :order/note ?n]]")).isNull();
    assertThat(rows("""
        [:find ?e ?a ?base ?local ?remote ?resolved ?policy ?tx2
         :where [?tx :rebasis.tx/conflicts ?c] [?c :rebasis.conflict/entity ?e] [?c :rebasis.conflict/attribute ?a]
                [?c :rebasis.conflict/base ?base] [?c :rebasis.conflict/local ?local]
                [?c :rebasis.conflict/remote ?remote] [?c :rebasis.conflict/resolved ?resolved]
                [?c :rebasis.conflict/policy ?policy] [?c :rebasis.conflict/remoteTx ?tx2]]"""))
        .as("every attribute that was to be written")
        .contains("[" + e + " :order/note \"[\\\"base\\\"]\" \"[\\\"late\\\"]\" \"[]\" \"[]\" :rebasis.policy/park " + gone + "]")
        .contains("[" + e + " :order/quantity \"[3]\" \"[7]\" \"[]\" \"[]\" :rebasis.policy/park " + gone + "]");
  }

  @Test
  void theServersOwnRecordsCannotBeForged() {
    for (String forged : List.of(
        "[[:db/add \"datomic.tx\" :rebasis.tx/user \"someone\"]]",
        "[[:db/add \"datomic.tx\" :db/txInstant #inst \"2000-01-01\"]]",
        "[[:db/add :rebasis.tx/id :db/doc \"mine\"]]",
        "[[:db/add :rebasis/database :rebasis.db/id #uuid \"00000000-0000-0000-0000-000000000001\"]]",
        "[{:db/ident :rebasis.tx/extra :db/valueType :db.type/string :db/cardinality :db.cardinality/one}]")) {
      Intent intent = f.intent(f.master.forcedT(), forged);
      assertThat(f.push(c1, intent).only().kind()).as(forged).isEqualTo(OutcomeKind.REJECTED);
    }
    assertThat(ask("[:find ?u . :where [_ :rebasis.tx/user ?u]]")).isNull();
  }

  @Test
  void aMalformedPushWritesNothingAndIsAnsweredAnewEachTime() {
    long t = f.master.forcedT();
    Intent noTx = new Intent(new UUID(9, 9), 1, t, f.clock.instant(), List.of(), Map.of());
    Intent negative = new Intent(new UUID(9, 10), 1, t, f.clock.instant(), List.of(), Map.of(Intent.TX_TEMPID, -1L));
    Intent future = new Intent(new UUID(9, 11), 1, t + 5, f.clock.instant(), List.of(), Map.of(Intent.TX_TEMPID, 1L));
    Intent noSeq = new Intent(new UUID(9, 12), 0, t, f.clock.instant(), List.of(), Map.of(Intent.TX_TEMPID, 1L));
    for (int i = 0; i < 2; i++) {
      MasterFixture.Pushed pushed = f.push(c1, noTx, negative, future, noSeq);
      assertThat(pushed.outcomes).hasSize(4).allSatisfy(outcome -> {
        assertThat(outcome.kind()).isEqualTo(OutcomeKind.REJECTED);
        assertThat(outcome.code()).isEqualTo(Keyword.of(":rebasis.error/malformed-push"));
        assertThat(outcome.t()).isZero();
        assertThat(outcome.duplicate()).isFalse();
      });
    }
    assertThat(f.master.forcedT()).isEqualTo(t);
  }

  @Test
  void aTempidWithoutFactsStillStandsForAnEntity() {
    Intent intent = f.intent(f.master.forcedT(), "[[:db/retract \"a\" :order/note \"never\"] {:order/number \"B\" :db/id \"b\"}]", "a", "b");
    PushOutcome outcome = f.push(c1, intent).only();
    assertThat(outcome.kind()).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(outcome.made()).containsOnlyKeys(intent.tempids().get("a"), intent.tempids().get("b"));
    Intent later = f.intent(f.master.forcedT(), "[[:db/add " + -intent.tempids().get("a") + " :order/note \"now\"]]");
    assertThat(f.push(c1, later).only().kind()).isEqualTo(OutcomeKind.ACCEPTED);
  }

  @Test
  void factsOnTheTransactionItselfAreKept() {
    Intent intent = f.intent(f.master.forcedT(),
        "[[:db/add \"datomic.tx\" :db/doc \"why\"] {:db/id \"a\" :order/number \"A\" :order/parent \"datomic.tx\"}]", "a");
    PushOutcome outcome = f.push(c1, intent).only();
    assertThat(txRecord(outcome.t())).containsEntry(":db/doc", "why");
    assertThat(outcome.made()).containsEntry(-intent.txLocalId(), dev.rebasis.data.EntityIds.txOf(outcome.t()));
  }

  @Test
  void schemaTravelsLikeData() {
    Intent schema = f.intent(f.master.forcedT(), "[{:db/id \"s\" :db/ident :order/color :db/valueType :db.type/string"
        + " :db/cardinality :db.cardinality/one}]", "s");
    Intent data = f.intent(f.master.forcedT(), "[{:db/id \"a\" :order/number \"A\" :order/color \"red\"}]", "a");
    MasterFixture.Pushed pushed = f.push(c1, schema, data);
    assertThat(pushed.outcomes).extracting(PushOutcome::kind).containsOnly(OutcomeKind.ACCEPTED);
    assertThat(ask("[:find ?c . :where [_ :order/color ?c]]")).isEqualTo("red");
  }

  @Test
  void aServerThatStopsRefusesWhatIsNotDecided() {
    f.master.stop();
    MasterFixture.Pushed pushed = f.push(c1, f.intent(f.master.forcedT(), "[]"));
    assertThat(pushed.refused.code()).isEqualTo(Keyword.of(":rebasis.error/shutting-down"));
  }

  private Object ask(String query) {
    return datomic.Peer.query(query, f.master.database());
  }

  private String rows(String query) {
    return clojure.lang.RT.printString(datomic.Peer.query(query, f.master.database()));
  }

  private Map<String, Object> txRecord(long t) {
    Map<String, Object> record = new HashMap<>();
    ((Map<?, ?>) f.master.database().pull("[*]", datomic.Peer.toTx(t))).forEach((k, v) -> record.put(k.toString(), v));
    datomic.Entity entity = f.master.database().entity(datomic.Peer.toTx(t));
    for (Object key : entity.keySet()) {
      record.put(key.toString(), ((String) key).equals(":rebasis.tx/made")
          ? clojure.lang.RT.printString(entity.get(key)) : entity.get(key));
    }
    return record;
  }
}
