package dev.rebasis.client.internal.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.internal.db.DatomSource;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Rows that are known to differ are not compared; the answer must be as if they were. */
class EachRowOnceTest {
  private static final QueryEngine ENGINE = new QueryEngine();
  // 200 entities, :c/n 0 to 199, :c/mod of 100 values.
  private static final DatomSource DB = Chain.of(200, 2);

  @Test
  void theResultIsASetLikeAnyOther() {
    Set<?> rows = (Set<?>) ENGINE.query("[:find ?a ?n :where [?a :c/n ?n]]", List.of(DB));
    Set<?> compared = (Set<?>) ENGINE.query("[:find ?a ?n :where [?a :c/n ?n] [?a _ _]]", List.of(DB));

    assertThat(rows).isInstanceOf(DifferentRows.class).hasSize(200);
    assertThat(rows.equals(compared)).isTrue();
    assertThat(compared.equals(rows)).isTrue();
    assertThat(rows.hashCode()).isEqualTo(compared.hashCode());
    assertThat(rows.contains(rows.iterator().next())).isTrue();
    assertThat(rows.contains(List.of(0L, "no such row"))).isFalse();
  }

  @Test
  void valuesThatRepeatAreOneUnlessTheyStandInDifferentRows() {
    assertThat((Object) ENGINE.query("[:find (count ?m) . :where [?a :c/mod ?m]]", List.of(DB))).isEqualTo(100L);
    assertThat((Object) ENGINE.query("[:find (count ?m) . :with ?a :where [?a :c/mod ?m]]", List.of(DB))).isEqualTo(200L);
    assertThat((Object) ENGINE.query("[:find (count ?m) . :where [_ :c/mod ?m]]", List.of(DB))).isEqualTo(100L);
  }

  @Test
  void groupsAreTheSameEitherWay() {
    String once = "[:find ?m (count ?a) (max ?a) :where [?a :c/mod ?m]]";
    String compared = "[:find ?m (count ?a) (max ?a) :where [?a :c/mod ?m] [?a _ _]]";
    assertThat((Collection<?>) ENGINE.query(once, List.of(DB))).hasSize(100);
    assertThat(Set.copyOf((Collection<?>) ENGINE.query(once, List.of(DB))))
        .isEqualTo(Set.copyOf((Collection<?>) ENGINE.query(compared, List.of(DB))));
  }

  @Test
  void nothingIsAggregatedFromNothing() {
    assertThat((Collection<?>) ENGINE.query("[:find (count ?a) :where [?a :c/n 1000]]", List.of(DB))).isEmpty();
    assertThat((Object) ENGINE.query("[:find (count ?a) . :where [?a :c/n 1000]]", List.of(DB))).isNull();
  }
}
