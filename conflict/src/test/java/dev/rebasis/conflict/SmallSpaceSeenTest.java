package dev.rebasis.conflict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.Terms.Seen;
import dev.rebasis.protocol.Terms;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Goal: what an author saw of pending predecessors is the base of what policies make of the transaction, as docs/conflicts.md
 * says. Method: each policy with a base over values that came out as seen, otherwise, and not at all.
 */
class SmallSpaceSeenTest {
  private static final Keyword ONE = Keyword.of(":s/one");
  private static final UUID OTHER = new UUID(7, 7);

  private final TestDatabase db = SmallSpace.database();
  private final long a = db.entity(":s/key", "A");
  private final long b = db.entity(":s/key", "B");

  private Intent intent(String forms, Terms terms) {
    return db.intent(forms, db.basisT()).withTerms(terms);
  }

  private Decision decide(Intent intent, LocalIds ids) {
    return Decider.decide(intent, db.now(), db.remote(intent.basisT()), ids, Rules.BUILT_IN);
  }

  private Terms saw(Object... values) {
    return Terms.NONE.withSeen(List.of(new Seen(a, ONE, List.of(values))));
  }

  private void policy(String attribute, String policy) {
    db.remote("[[:db/add " + attribute + " :rebasis/policy :rebasis.policy/" + policy + "]]");
  }

  @Test
  void aPolicyThatWorksFromTheBaseFollowsAPredecessorThatCameOutDifferently() {
    policy(":s/one", "counter");
    String forms = "[[:db/add " + a + " :s/one 8]]";
    assertThat(value(intent(forms, saw(5L)), ":s/one")).as("saw what is there").containsExactly(8L);
    assertThat(value(intent(forms, saw(6L)), ":s/one")).as("saw 6, and it is 5").containsExactly(7L);
    assertThat(value(intent(forms, saw()), ":s/one")).as("saw nothing").containsExactly(13L);
    assertThat(value(intent(forms, saw("six")), ":s/one")).as("not a number").containsExactly(13L);
    Decision decision = db.decide(intent(forms, saw(6L)));
    assertThat(decision.kind()).as("it is no conflict").isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(decision.conflicts()).isEmpty();
  }

  @Test
  void whatWasSeenOfOtherAttributesAndUnderOtherPoliciesChangesNothing() {
    String forms = "[[:db/add " + a + " :s/one 8]]";
    assertThat(value(intent(forms, saw(6L)), ":s/one")).as("no policy").containsExactly(8L);
    policy(":s/one", "max");
    assertThat(value(intent(forms, saw(6L)), ":s/one")).as("a policy without base").containsExactly(8L);
    Terms other = Terms.NONE.withSeen(List.of(new Seen(a, Keyword.of(":s/nothing"), List.of(1L)),
        new Seen(b, Keyword.of(":s/to"), List.of(a, -77L))));
    policy(":s/one", "counter");
    assertThat(value(intent(forms, other), ":s/one")).containsExactly(8L);
    assertThat(db.decide(intent("[[:db/retract " + a + " :s/one 5]]", saw(6L))).datoms()).hasSize(1);
    assertThat(db.decide(intent("[[:db/add " + b + " :s/to " + b + "]]", other)).datoms()).hasSize(2);
  }

  @Test
  void aPolicyMayRefuseWhatMovedUnderAnIntent() {
    policy(":s/text", "text-merge");
    Terms saw = Terms.NONE.withSeen(List.of(new Seen(a, Keyword.of(":s/text"), List.of("one 2"))));
    Decision decision = db.decide(intent("[[:db/add " + a + " :s/text \"one 3\"]]", saw));
    assertThat(decision.kind()).isEqualTo(OutcomeKind.PARKED);
    assertThat(decision.reason().code()).isEqualTo(Codes.CONFLICT_PARKED);
    assertThat(decision.conflicts()).singleElement().satisfies(c -> assertThat(c.remoteTx()).isZero());
  }

  @Test
  void theBaseOfAMeetingIsWhatTheAuthorSaw() {
    policy(":s/one", "counter");
    Intent intent = intent("[[:db/add " + a + " :s/one 8]]", saw(6L));
    db.remote("[[:db/add " + a + " :s/one 20]]");
    Decision decision = db.decide(intent);
    assertThat(decision.conflicts()).singleElement().satisfies(c -> assertThat(c.base()).containsExactly(6L));
    assertThat(db.shown(decision)).contains(List.of(a, ":s/one", 22L, true));
  }

  @Test
  void aCounterOfAPendingEntityIsSeenToo() {
    policy(":s/one", "counter");
    LocalIds pending = new LocalIds() {
      @Override
      public long resolve(long localId) {
        return localId == -40 ? a : localId;
      }

      @Override
      public boolean isMade(long localId) {
        return true;
      }
    };
    Terms terms = Terms.NONE.withSeen(List.of(new Seen(-40, ONE, List.of(4L)), new Seen(-50, ONE, List.of(1L))));
    Decision known = decide(intent("[[:db/add -40 :s/one 8]]", terms), pending);
    assertThat(db.shown(known)).contains(List.of(a, ":s/one", 9L, true));
    Decision unknown = decide(intent("[[:db/add -50 :s/one 8]]", terms), pending);
    assertThat(db.shown(unknown)).containsExactly(List.of(-50L, ":s/one", 7L, true));
  }

  @Test
  void aCustomPolicyCanListTheAttributesOfAPendingEntity() {
    Keyword custom = Keyword.of(":shop/custom");
    List<Object> listed = new ArrayList<>();
    Rules rules = Rules.builder().policy(custom, 0, meeting -> {
      listed.addAll(meeting.attributes());
      return Resolved.values(meeting.local());
    }).build();
    db.rules(rules);
    db.remote("[[:db/add :s/one :rebasis/policy " + custom + "]]");
    Terms terms = Terms.NONE.withSeen(List.of(new Seen(-50, ONE, List.of(1L))));
    Intent intent = intent("[[:db/add -50 :s/one 8]]", terms);
    Decision decision = Decider.decide(intent, db.now(), db.remote(intent.basisT()), PendingIds.MADE, rules);
    assertThat(decision.reason()).isNull();
    assertThat(listed).containsExactly(ONE);
  }

  @Test
  void whatAnAuthorSawIsNotedWhateverThePolicy() {
    policy(":s/one", "counter");
    policy(":s/code", "max");
    Intent intent = intent(Edn.write(List.of(Edn.read("[:db/add " + b + " :s/one 1]"),
        Edn.read("[:db/add " + a + " :s/one 6]"), Edn.read("[:db/add " + a + " :s/code 9]"),
        Edn.read("[:db/add " + a + " :s/many 9]"), Edn.read("[:db/add " + a + " :s/text \"x\"]"),
        Edn.read("[:db/retractEntity " + db.entity(":s/key", "C") + "]"))), Terms.NONE);
    Decision decision = db.decide(intent);
    assertThat(Decider.seen(decision, intent, db.now(), place -> place.e() == a || place.e() == b))
        .containsExactly(new Seen(a, Keyword.of(":s/code"), List.of(1L)), new Seen(a, ONE, List.of(5L)),
            new Seen(b, ONE, List.of()), new Seen(a, Keyword.of(":s/text"), List.of("one two")));
    assertThat(Decider.seen(decision, intent, db.now(), place -> place.e() == b)).hasSize(1);
    assertThat(Decider.seen(decision, intent, db.now(), place -> false)).isEmpty();
    Intent undo = intent.withTerms(Terms.NONE.undoing(OTHER));
    assertThat(Decider.seen(decision, undo, db.now(), place -> true)).as("its base is what it undoes").isEmpty();
  }

  private Set<Object> value(Intent intent, String attribute) {
    TestDatabase copy = new TestDatabase(db);
    assertThat(copy.own(intent).reason()).isNull();
    return copy.values(a, attribute);
  }
}
