package dev.rebasis.simulations.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.conflict.Decision;
import dev.rebasis.conflict.Footprint;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.SystemIds;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.Terms;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A refusal with a code of Datomic's own is only believed if the transaction has what it speaks of. */
class DatomicsOwnTest {
  private static final long GIVEN = 17_592_186_045_418L;

  @Test
  void anIdThatWasNeverGivenOutHasToBeNamed() {
    assertThat(refuses("invalid-entity-id", "[[:db/add " + GIVEN + " :db/doc \"x\"]]", List.of())).isTrue();
    assertThat(refuses("invalid-entity-id", "[{:db/id \"e\" :a/next [" + GIVEN + "]}]", List.of())).isTrue();
    assertThat(refuses("invalid-entity-id", "[[:db/add \"e\" :a/n 7] [:db/add 10 :db/doc \"x\"]]", List.of())).isFalse();
  }

  @Test
  void aCircleOfNewEntitiesHasToBeThere() {
    // Attribute 41 is a reference that every database has.
    Datom there = new Datom(-1, SystemIds.DB_CARDINALITY, -2L, -9, true);
    Datom back = new Datom(-2, SystemIds.DB_CARDINALITY, -1L, -9, true);
    Datom elsewhere = new Datom(-2, SystemIds.DB_CARDINALITY, 35L, -9, true);
    assertThat(refuses("cycle-in-affinity", "[]", List.of(there, back))).isTrue();
    assertThat(refuses("cycle-in-affinity", "[]", List.of(there, elsewhere))).isFalse();
  }

  @Test
  void noOtherCodeIsExcused() {
    assertThat(refuses("past-tx-instant", "[[:db/add " + GIVEN + " :db/doc \"x\"]]", List.of())).isFalse();
  }

  private static boolean refuses(String code, String forms, List<Datom> datoms) {
    Intent intent = new Intent(new UUID(1, 1), 1, 1000, Instant.EPOCH, List.copyOf((List<?>) Edn.read(forms)),
        Map.of(Intent.TX_TEMPID, 9L), Terms.NONE);
    Decision decision = new Decision(
        OutcomeKind.ACCEPTED, datoms, Map.of(), Map.of(), List.of(), null, Footprint.EMPTY, Set.of());
    LoggedTransaction logged = new LoggedTransaction(1001, new UUID(1, 1), 2, 1, 1000, "rejected",
        Keyword.of(":db.error/" + code), Set.of(), List.of(), Map.of(), List.of());
    return DatomicsOwn.refuses(intent, decision, logged, new PlainFacts());
  }
}
