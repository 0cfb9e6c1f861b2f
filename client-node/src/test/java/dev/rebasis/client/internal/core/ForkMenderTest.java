package dev.rebasis.client.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.log.MadeIds;
import dev.rebasis.conflict.PremiseInputs;
import dev.rebasis.data.Bootstrap;
import dev.rebasis.data.EntityId;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Terms;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** After a fork nothing that a transaction names stands for a stranger: neither in its forms nor in what it relied on. */
class ForkMenderTest {
  private static final long USER_PARTITION = 4L << 42;
  private static final long KEPT = USER_PARTITION + 1005;
  private static final long LOST = USER_PARTITION + 1020;
  private static final long LOST_OF_OTHERS = USER_PARTITION + 1030;

  @Test
  void theInputsOfPremisesAreMendedLikeTheForms() {
    List<Object> inputs = PremiseInputs.plain(Arrays.asList(
        EntityId.of(KEPT), EntityId.of(LOST), EntityId.of(LOST_OF_OTHERS), EntityId.of(-3), LOST, "text", null));
    Terms terms = Terms.NONE.withPremises(List.of(new Terms.Premise(List.of(), inputs, "digest")));
    Intent intent = new Intent(new UUID(1, 1), 1, 1040, Instant.EPOCH, List.of(), Map.of(), terms);

    long[] next = {50};
    Intent mended = new ForkMender(new LogEntry.Forking(1010, 1012), Bootstrap.schema(), MadeIds.NONE.with(Map.of(7L, LOST)),
        () -> next[0]++).mend(List.of(intent), List.of()).pending().get(0);

    assertThat(mended.basisT()).isEqualTo(1010);
    assertThat(mended.terms().premises().get(0).inputs()).as("made here: its local id; another's: one that nobody makes;"
        + " a plain number is a number").isEqualTo(PremiseInputs.plain(Arrays.asList(
            EntityId.of(KEPT), EntityId.of(-7), EntityId.of(-50), EntityId.of(-3), LOST, "text", null)));
  }
}
