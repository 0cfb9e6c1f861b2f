package dev.rebasis.client.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.log.MadeIds;
import dev.rebasis.conflict.PremiseInputs;
import dev.rebasis.data.EntityId;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Terms;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Goal: a push names those of its local numbers that are confirmed. Method: 1 to 4, 12 and 13 are, 13 as a transaction's own entity;
 * 5 and 14 are not.
 */
class KnownNumbersTest {
  private static final long TX = EntityIds.txOf(1_000);
  private static final MadeIds MADE = MadeIds.NONE.with(
      Map.of(1L, 101L, 2L, 102L, 3L, 103L, 4L, 104L, 12L, 112L, 13L, TX));

  private static Map<Long, Long> known(String forms, Terms terms) {
    Intent intent = new Intent(new UUID(1, 1), 1, 0, Samples.EPOCH, List.copyOf((List<?>) Edn.read(forms)),
        Map.of(Intent.TX_TEMPID, 14L), terms);
    return new KnownNumbers(MADE).in(List.of(intent));
  }

  private static Terms premise(String query, Object... inputs) {
    return Terms.NONE.withPremises(List.of(new Terms.Premise(Edn.read(query), PremiseInputs.plain(List.of(inputs)), "")));
  }

  @Test
  void formsNameThemWhereverTheyStand() {
    assertThat(known("[[:db/add -1 :ref -2] {:db/id -12 :set #{-3} :n 7}]", Terms.NONE))
        .isEqualTo(Map.of(1L, 101L, 2L, 102L, 3L, 103L, 12L, 112L));
  }

  @Test
  void premisesNameThemInQueriesAndInputs() {
    assertThat(known("[]", premise("[:find ?n . :in $ ?e :where [?e :n ?n] [-2 :ref ?e]]", EntityId.of(-1), EntityId.of(-12))))
        .isEqualTo(Map.of(1L, 101L, 2L, 102L, 12L, 112L));
  }

  @Test
  void soDoPlacesThatTheAuthorSaw() {
    Terms seen = Terms.NONE.withSeen(List.of(new Terms.Seen(-4, Keyword.of(":n"), List.of(7L, -2L))));
    assertThat(known("[]", seen)).isEqualTo(Map.of(4L, 104L, 2L, 102L));
  }

  @Test
  void aTransactionsOwnEntityIsNamedToo() {
    assertThat(known("[[:db/add -13 :doc \"x\"] [:db/add -5 :n 1]]", Terms.NONE)).isEqualTo(Map.of(13L, TX));
    assertThat(known("[]", premise("[:find ?d . :in $ ?t :where [?t :doc ?d]]", EntityId.of(-13))))
        .isEqualTo(Map.of(13L, TX));
  }

  @Test
  void whatIsNotConfirmedIsNotNamed() {
    assertThat(known("[[:db/add -5 :ref -14] [:db/add 7 :n -6]]", Terms.NONE)).isEmpty();
  }
}
