package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.Terms;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Goal: what a read rule does not show does not exist for what its users push: they cannot find out about it, change it or refer
 * to it. Method: the attacker's side of real sockets, and pairs of transactions that differ only in whether what they ask for
 * exists: the answers must be alike.
 */
@Timeout(120)
class UnseenFactsTest extends ReadRulesServer {
  /** Pushes two that differ in one thing and checks that their answers do not. */
  private void sameAnswer(TestSocket socket, Intent ofWhatIs, Intent ofWhatIsNot) throws Exception {
    PushOutcome is = push(socket, ofWhatIs);
    PushOutcome isNot = push(socket, ofWhatIsNot);
    assertThat(is.kind()).isEqualTo(isNot.kind()).isNotIn(OutcomeKind.ACCEPTED, OutcomeKind.MERGED);
    assertThat(is.code()).isEqualTo(isNot.code());
    assertThat(is.message().replaceAll("[AB]\\d", "X").replaceAll("\\d{6,}", "N"))
        .isEqualTo(isNot.message().replaceAll("[AB]\\d", "X").replaceAll("\\d{6,}", "N"));
    assertThat(is.t() == 0).isEqualTo(isNot.t() == 0);
  }

  @Test
  void whatIsNotSeenCannotBeChangedNamedOrProbed() throws Exception {
    long nobody = bobsOrder + 4_000;
    try (TestSocket ann = welcome(ANN, 1)) {
      streamed(ann);
      sameAnswer(ann, intent("[[:db/add " + bobsOrder + " :order/quantity 1]]"),
          intent("[[:db/add " + nobody + " :order/quantity 1]]"));
      sameAnswer(ann, intent("[[:db/retract " + bobsOrder + " :order/quantity 777]]"),
          intent("[[:db/retract " + nobody + " :order/quantity 777]]"));
      sameAnswer(ann, intent("[[:db/retractEntity " + bobsOrder + "]]"), intent("[[:db/retractEntity " + nobody + "]]"));
      sameAnswer(ann, intent("[[:db/cas " + bobsOrder + " :order/quantity 5 6]]"),
          intent("[[:db/cas " + nobody + " :order/quantity 5 6]]"));
      sameAnswer(ann, intent("[[:db/cas " + bobsOrder + " :order/quantity 777 6]]"),
          intent("[[:db/cas " + nobody + " :order/quantity 777 6]]"));
      sameAnswer(ann, intent("[[:db/add " + annsOrder + " :order/next " + bobsOrder + "]]"),
          intent("[[:db/add " + annsOrder + " :order/next " + nobody + "]]"));
      sameAnswer(ann, intent("[[:db/add [:order/number \"B1\"] :order/quantity 1]]"),
          intent("[[:db/add [:order/number \"B9\"] :order/quantity 1]]"));
      sameAnswer(ann, intent("[{:db/id \"x\" :order/number \"B1\" :order/quantity 1 :order/owner \"ann\"}]", "x"),
          intent("[{:db/id \"x\" :order/number \"B9\" :order/quantity 1 :order/owner \"ann\"}]", "x"));
      sameAnswer(ann, intent("[[:db/add " + annsOrder + " :order/number \"B1\"]]"),
          intent("[[:db/add " + annsOrder + " :order/number \"B9\"]]"));
      Intent premise = intent("[[:db/add " + annsOrder + " :order/quantity 8]]");
      PushOutcome refused = push(ann, new Intent(premise.id(), premise.seq(), premise.basisT(), premise.madeAt(),
          premise.forms(), premise.tempids(), Terms.NONE.withPremises(List.of(new Terms.Premise(
              Edn.read("[:find ?q . :where [_ :order/quantity ?q]]"), List.of(), "x")))));
      assertThat(refused.code().toString()).isEqualTo(":rebasis.error/forbidden");
      assertThat(push(ann, intent("[[:db/add " + annsOrder + " :order/quantity 5]]")).kind())
          .isEqualTo(OutcomeKind.ACCEPTED);
      assertThat(push(ann, intent("[{:db/id \"x\" :order/number \"A1\" :order/quantity 6}]", "x")).kind())
          .as("an upsert of what is seen").isEqualTo(OutcomeKind.ACCEPTED);
    }
    assertThat(server.database().entity(bobsOrder).get(":order/quantity")).isEqualTo(777L);
    assertThat(server.database().entity(annsOrder).get(":order/next")).isNull();
  }

  @Test
  void whatRefersToAnUnseenEntityCanBeChangedAndRetracted() throws Exception {
    server.transact("[[:db/add " + annsOrder + " :order/next " + bobsOrder + "]]").join();
    try (TestSocket ann = welcome(ANN, 1)) {
      assertThat(values(streamed(ann))).as("as a bare id").contains(bobsOrder).doesNotContain("B1");
      sameAnswer(ann, intent("[[:db/retract " + bobsOrder + " :order/next " + annsOrder + "]]"),
          intent("[[:db/retract " + (bobsOrder + 100) + " :order/next " + annsOrder + "]]"));
      assertThat(push(ann, intent("[[:db/add " + annsOrder + " :order/next " + annsOrder + "]]")).kind())
          .isEqualTo(OutcomeKind.ACCEPTED);
      server.transact("[[:db/add " + annsOrder + " :order/next " + bobsOrder + "]]").join();
      streamed(ann);
      assertThat(push(ann, intent("[[:db/retractEntity " + annsOrder + "]]")).kind()).isEqualTo(OutcomeKind.ACCEPTED);
    }
    assertThat(server.database().entity(annsOrder).get(":order/number")).isNull();
    assertThat(server.database().entity(bobsOrder).get(":order/quantity")).isEqualTo(777L);
  }

  @Test
  void whatHasANameCanBeReferredTo_andNotChanged() throws Exception {
    try (TestSocket ann = welcome(ANN, 1)) {
      assertThat(values(streamed(ann)).toString()).contains(":kind/urgent").doesNotContain("everybody");
      assertThat(push(ann, intent("[[:db/add " + annsOrder + " :order/kind :kind/urgent]]")).kind())
          .isEqualTo(OutcomeKind.ACCEPTED);
      for (String forms : List.of("[[:db/add :kind/urgent :order/note \"mine\"]]",
          "[[:db/cas :kind/urgent :order/note \"x\" \"mine\"]]", "[[:db/retractEntity :kind/urgent]]")) {
        PushOutcome outcome = push(ann, intent(forms));
        assertThat(outcome.kind()).as(forms).isEqualTo(OutcomeKind.REJECTED);
        assertThat(outcome.message()).doesNotContain("everybody");
      }
    }
    assertThat(server.database().entity(datomic.Util.read(":kind/urgent")).get(":order/note")).isEqualTo("of everybody's kind");
  }

  @Test
  void aConflictOnWhatIsNotSeen_tellsNoValue() throws Exception {
    long basis = server.t();
    server.transact("[[:db/add " + bobsOrder + " :order/note \"changed secret\"]]").join();
    try (TestSocket ann = welcome(ANN, 1)) {
      PushOutcome outcome = push(ann, intent(basis, "[[:db/add " + bobsOrder + " :order/note \"mine\"]]"));
      assertThat(outcome.kind()).isEqualTo(OutcomeKind.REJECTED);
      assertThat(outcome.message()).doesNotContain("secret");
      assertThat(values(streamed(ann)).toString()).doesNotContain("secret");
    }
  }

  @Test
  void withTheOperatorsLeave_newValuesMayBeGivenOut_andTakenOnesNot() throws Exception {
    try (TestSocket ann = welcome(CLERK, 1)) {
      assertThat(push(ann, intent("[{:db/id \"x\" :order/number \"N1\" :order/owner \"ann\"}]", "x")).kind())
          .isEqualTo(OutcomeKind.ACCEPTED);
      PushOutcome taken = push(ann, intent("[{:db/id \"x\" :order/number \"B1\" :order/owner \"ann\"}]", "x"));
      assertThat(taken.kind()).isEqualTo(OutcomeKind.REJECTED);
    }
    assertThat(server.database().entity(bobsOrder).get(":order/owner")).isEqualTo("bob");
  }

  @Test
  void localIdsAndTransactionsOfOthersAreOfNoUse() throws Exception {
    try (TestSocket bob = welcome(BOB, 2); TestSocket ann = welcome(ANN, 1)) {
      Intent bobs = intent("[{:db/id \"x\" :order/owner \"bob\" :order/note \"bobs new secret\"}]", "x");
      assertThat(push(bob, bobs).kind()).isEqualTo(OutcomeKind.ACCEPTED);
      PushOutcome replayed = push(ann, bobs);
      assertThat(replayed.kind()).isEqualTo(OutcomeKind.REJECTED);
      assertThat(replayed.made()).isEmpty();
      long local = bobs.tempids().get("x");
      PushOutcome stolen = push(ann, intent("[[:db/add " + -local + " :order/note \"stolen\"]]"));
      assertThat(stolen.kind()).isNotIn(OutcomeKind.ACCEPTED, OutcomeKind.MERGED);
      assertThat(values(streamed(ann)).toString()).doesNotContain("bobs new secret");
    }
    assertThat(datomic.Peer.query("[:find ?n :where [_ :order/note ?n]]", server.database()).toString())
        .contains("bobs new secret").doesNotContain("stolen");
  }
}
