package dev.rebasis.simulations.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.conflict.Decision;
import dev.rebasis.conflict.Footprint;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import dev.rebasis.data.ValueType;
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
  void anAttributeThatBecomesUniqueHasToHaveHadValues() {
    PlainFacts facts = new PlainFacts();
    long used = 72;
    long unused = 73;
    for (long a : new long[] {used, unused}) {
      facts.add(new Transaction(a, List.of(new Datom(a, SystemIds.DB_IDENT, Keyword.of(":a/n" + a), 9, true),
          new Datom(a, SystemIds.DB_VALUE_TYPE, ValueType.LONG.id(), 9, true),
          new Datom(a, SystemIds.DB_CARDINALITY, SystemIds.CARDINALITY_ONE, 9, true))), 0);
    }
    facts.add(new Transaction(100, List.of(new Datom(GIVEN, used, 1L, 10, true))), 0);
    facts.add(new Transaction(101, List.of(new Datom(GIVEN, used, 1L, 11, false))), 0);
    assertThat(refuses("invalid-alter-attribute", "[]", List.of(unique(used)), facts)).isTrue();
    assertThat(refuses("invalid-alter-attribute", "[]", List.of(unique(unused)), facts)).isFalse();
  }

  private static Datom unique(long a) {
    return new Datom(a, SystemIds.DB_UNIQUE, 37L, -9, true);
  }

  @Test
  void noOtherCodeIsExcused() {
    assertThat(refuses("past-tx-instant", "[[:db/add " + GIVEN + " :db/doc \"x\"]]", List.of())).isFalse();
  }

  private static boolean refuses(String code, String forms, List<Datom> datoms) {
    return refuses(code, forms, datoms, new PlainFacts());
  }

  private static boolean refuses(String code, String forms, List<Datom> datoms, PlainFacts facts) {
    Intent intent = new Intent(new UUID(1, 1), 1, 1000, Instant.EPOCH, List.copyOf((List<?>) Edn.read(forms)),
        Map.of(Intent.TX_TEMPID, 9L), Terms.NONE);
    Decision decision = new Decision(
        OutcomeKind.ACCEPTED, datoms, Map.of(), Map.of(), List.of(), null, Footprint.EMPTY, Set.of());
    LoggedTransaction logged = new LoggedTransaction(1001, new UUID(1, 1), 2, 1, 1000, "rejected",
        Keyword.of(":db.error/" + code), Set.of(), List.of(), Map.of(), List.of());
    return DatomicsOwn.refuses(intent, decision, logged, facts);
  }
}
