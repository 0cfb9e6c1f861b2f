package dev.rebasis.simulations.conflicts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.ClientBuilder;
import dev.rebasis.client.Outcome;
import dev.rebasis.client.Pending;
import dev.rebasis.client.Scope;
import dev.rebasis.client.TransactionOptions;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.server.RebasisServer;
import org.junit.jupiter.api.Test;

/**
 * Goal: a premise is about the database, not about the part of it that a client holds. Method: a client whose scope is one region
 * relies on answers that differ inside and outside of it; others change either, or move an order out of the region.
 */
class ScopedPremisesTest extends ClientBesideOthers {
  private static final String SCHEMA = """
      [{:db/ident :order/number :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :order/region :db/valueType :db.type/keyword :db/cardinality :db.cardinality/one}
       {:db/ident :order/note :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :order/quantity :db/valueType :db.type/long :db/cardinality :db.cardinality/one}]

      [{:order/number "E1" :order/region :emea :order/quantity 1} {:order/number "E2" :order/region :emea :order/quantity 2}
       {:order/number "A1" :order/region :apac :order/quantity 3}]""";
  private static final String ALL = "[:find (sum ?q) . :with ?o :where [?o :order/quantity ?q]]";
  private static final String EMEA = "[:find (sum ?q) . :with ?o :where [?o :order/region :emea] [?o :order/quantity ?q]]";
  private static final String E2 = "[:find ?q . :where [?o :order/number \"E2\"] [?o :order/quantity ?q]]";

  @Override
  RebasisServer.Builder server(RebasisServer.Builder usual) {
    return usual.schema("orders", SCHEMA);
  }

  @Override
  ClientBuilder client(ClientBuilder usual) {
    return usual.scope(Scope.query("[:find ?o :where [?o :order/region :emea]]"));
  }

  /** What becomes of a note that relies on an answer while others change something. */
  private Outcome decided(String premise, String meanwhile) throws Exception {
    assertThat(client.db().entid(LookupRef.of(":order/number", "A1"))).as("it is out of the scope").isNull();
    client.goOffline();
    Pending note = client.transact(
        "[[:db/add [:order/number \"E1\"] :order/note \"approved\"]]", TransactionOptions.DEFAULT.premise(premise));
    get(server.transact(meanwhile));
    client.goOnline();
    return get(note.outcome());
  }

  @Test
  void whatOthersChangeOutsideOfTheScopeBreaksAPremiseAboutAll() throws Exception {
    Outcome outcome = decided(ALL, "[[:db/add [:order/number \"A1\"] :order/quantity 30]]");
    assertThat(outcome.kind()).isEqualTo(OutcomeKind.PARKED);
    assertThat(outcome.code()).isEqualTo(Keyword.of(":rebasis.error/premise-failed"));
    assertThat(outcome.message()).as("both answers are those of the whole").contains("is now 33, then 6.");
  }

  @Test
  void aPremiseThatNamesItsPartIsBrokenByThatPartOnly() throws Exception {
    assertThat(decided(EMEA, "[[:db/add [:order/number \"A1\"] :order/quantity 30]]").kind()).isEqualTo(OutcomeKind.ACCEPTED);
    Outcome outcome = decided(EMEA, "[[:db/add [:order/number \"E2\"] :order/quantity 20]]");
    assertThat(outcome.code()).isEqualTo(Keyword.of(":rebasis.error/premise-failed"));
    assertThat(outcome.message()).contains("is now 21, then 3.");
    assertThat(client.status().counters().predictedWrong()).isZero();
  }

  @Test
  void whatHasLeftTheScopeAndIsAsItWasBreaksNothing() throws Exception {
    Outcome outcome = decided(E2, "[[:db/add [:order/number \"E2\"] :order/region :apac]]");
    assertThat(outcome.kind()).as("%s", outcome).isEqualTo(OutcomeKind.ACCEPTED);
    assertThat(client.db().entid(LookupRef.of(":order/number", "E2"))).as("it has left").isNull();
  }
}
