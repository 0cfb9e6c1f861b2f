package dev.rebasis.simulations.conflicts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Outcome;
import dev.rebasis.client.Pending;
import dev.rebasis.data.LookupRef;
import dev.rebasis.protocol.OutcomeKind;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: taking a transaction back leaves alone what the same client did after it, as it does with what others did.
 * Method: each shape of attribute, with the later edit confirmed and still pending when the earlier one is taken back; the
 * client's prediction and the server's decision have to agree.
 */
@Timeout(180)
class UndoOwnLaterTest extends OneClientAndItsServer {
  @BeforeEach
  void tags() throws Exception {
    others("""
        [{:db/ident :i/tags :db/valueType :db.type/string :db/cardinality :db.cardinality/many}]""");
    get(client.sync());
  }

  /** Makes the edits in order, the first one confirmed, takes the first one back, and gives how that was decided. */
  private Outcome undoFirst(boolean pending, String attribute, String first, String... later) throws Exception {
    Pending undone = client.transact(first);
    get(undone.outcome());
    get(client.sync());
    if (pending) {
      client.goOffline();
    }
    for (String forms : later) {
      Pending made = client.transact(forms);
      if (!pending) {
        get(made.outcome());
      }
    }
    if (!pending) {
      get(client.sync());
    }
    Pending inverse = client.undo(undone.id()).orElseThrow();
    Object predicted = value(attribute);
    reconnect();
    Outcome outcome = get(inverse.outcome());
    get(client.sync());
    assertThat(value(attribute)).as("as it was predicted").isEqualTo(predicted);
    assertThat(client.status().counters().predictedWrong()).isZero();
    return outcome;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aLaterEditStays(boolean pending) throws Exception {
    Outcome outcome = undoFirst(pending, ":i/price",
        "[[:db/add " + A + " :i/price 13]]", "[[:db/add " + A + " :i/price 20]]");
    assertThat(value(":i/price")).isEqualTo(20L);
    assertThat(outcome.kind()).isEqualTo(OutcomeKind.MERGED);
    assertThat(client.conflicts()).anySatisfy(record -> assertThat(record.outcome().conflicts()).anySatisfy(conflict -> {
      assertThat(conflict.base()).containsExactly(13L);
      assertThat(conflict.local()).containsExactly(10L);
      assertThat(conflict.remote()).containsExactly(20L);
      assertThat(conflict.resolved()).containsExactly(20L);
    }));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aCounterLosesTheDifferenceAndKeepsTheLaterOne(boolean pending) throws Exception {
    undoFirst(pending, ":i/count", "[[:db/add " + A + " :i/count 8]]",
        "[[:db/add " + A + " :i/count 15]]", "[[:db/add " + A + " :i/count 16]]");
    assertThat(value(":i/count")).as("5 + 7 + 1").isEqualTo(13L);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aValueOfASetThatWasAddedAgainStays(boolean pending) throws Exception {
    undoFirst(pending, ":i/tags", "[[:db/add " + A + " :i/tags \"x\"] [:db/add " + A + " :i/tags \"y\"]]",
        "[[:db/retract " + A + " :i/tags \"x\"] [:db/add " + A + " :i/tags \"z\"]]", "[[:db/add " + A + " :i/tags \"x\"]]");
    assertThat(value(":i/tags")).isEqualTo(Set.of("x", "z"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatNobodyTouchedSinceIsTakenBack(boolean pending) throws Exception {
    Outcome outcome = undoFirst(pending, ":i/price",
        "[[:db/add " + A + " :i/price 13]]", "[[:db/add " + A + " :i/strict 4]]");
    assertThat(value(":i/price")).isEqualTo(10L);
    assertThat(outcome.kind()).isEqualTo(OutcomeKind.ACCEPTED);
  }

  @Test
  void whatOthersReplacedAndSetAgainIsTheirs() throws Exception {
    Pending undone = client.transact("[{:i/key \"C\" :i/price 13}]");
    get(undone.outcome());
    others("[{:i/key \"C\" :i/price 14}]");
    others("[{:i/key \"C\" :i/price 13}]");
    get(client.sync());
    Pending inverse = client.undo(undone.id()).orElseThrow();
    assertThat(get(inverse.outcome()).kind()).isEqualTo(OutcomeKind.MERGED);
    get(client.sync());
    Set<?> prices = (Set<?>) client.db().q("[:find ?e :where [?e :i/price 13]]");
    assertThat(prices).as("set again by another").hasSize(1);
    assertThat(client.status().counters().predictedWrong()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatWasRetractedSinceIsNotBroughtBack(boolean pending) throws Exception {
    client.transact("[{:i/key \"C\" :i/price 1}]");
    Pending undone = client.transact("[[:db/add [:i/key \"C\"] :i/price 13]]");
    get(undone.outcome());
    get(client.sync());
    if (pending) {
      client.goOffline();
    }
    client.transact("[[:db/retractEntity [:i/key \"C\"]]]");
    if (!pending) {
      get(client.sync());
    }
    Pending inverse = client.undo(undone.id()).orElseThrow();
    reconnect();
    assertThat(get(inverse.outcome()).kind()).isEqualTo(OutcomeKind.MERGED);
    assertThat(client.db().entid(LookupRef.of(":i/key", "C"))).isNull();
    Set<?> prices = (Set<?>) client.db().q("[:find ?e :where [?e :i/price 1]]");
    assertThat(prices).as("nothing is written on an entity that is gone").isEmpty();
    assertThat(client.status().counters().predictedWrong()).isZero();
  }
}
