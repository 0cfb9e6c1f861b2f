package dev.rebasis.client.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.client.Durability;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.client.internal.index.DatomIndex;
import dev.rebasis.client.internal.index.RandomTransactions;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.log.MadeIds;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.conflict.PremiseInputs;
import dev.rebasis.data.EntityId;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Terms;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.LongSupplier;
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
    Intent mended = mended(() -> next[0]++, intent).get(0);

    assertThat(mended.basisT()).isEqualTo(1010);
    assertThat(mended.terms().premises().get(0).inputs()).as("made here: its local id; another's: one that nobody makes;"
        + " a plain number is a number").isEqualTo(PremiseInputs.plain(Arrays.asList(
            EntityId.of(KEPT), EntityId.of(-7), EntityId.of(-50), EntityId.of(-3), LOST, "text", null)));
  }

  @Test
  void whoStoodOnAnOwnOneThatIsForgottenTellsWhatItSaw() {
    String e = "[:p/name \"a\"]";
    List<Intent> mended = mended(() -> 0,
        intent(1, 1005, "[[:db/add " + e + " :p/age 5]]"),
        intent(2, 1013, "[{:db/id -9 :p/name \"a\" :p/age 7}]"),
        intent(3, 1014, "[[:db/cas " + e + " :p/age 7 8] [:db/add " + KEPT + " :p/name \"b\"]]"),
        intent(4, 1015, "[[:db/add " + KEPT + " :p/age 9] [:db/add " + KEPT + " :db/doc \"x\"]]"),
        intent(5, 1016, "[[:db/retract " + KEPT + " :p/age 9]]"),
        intent(6, 1017, "[[:db/add " + KEPT + " :p/age 1]]"));
    Terms.Seen name = new Terms.Seen(KEPT, Keyword.of(":p/name"), List.of("a"));
    assertThat(mended).allMatch(one -> one.basisT() <= 1010);
    assertThat(mended.stream().map(one -> one.terms().seen())).as("what the newest of those before it wrote").containsExactly(
        List.of(), List.of(age(5L)), List.of(age(7L), name), List.of(age(8L)), List.of(), List.of());
  }

  @Test
  void whatAnAuthorHasToldItselfStands() {
    Intent first = intent(1, 1013, "[[:db/add " + KEPT + " :p/age 5]]");
    Intent second = intent(2, 1013, "[[:db/add " + KEPT + " :p/age 7]]");
    List<Intent> mended = mended(() -> 0, first, second.withTerms(Terms.NONE.withSeen(List.of(age(6L)))),
        intent(3, 1009, "[[:db/add " + KEPT + " :p/age 8]]"));
    assertThat(mended.get(1).terms().seen()).containsExactly(age(6L));
    assertThat(mended.get(2).terms().seen()).as("made on what stands").isEmpty();
  }

  private static Terms.Seen age(long value) {
    return new Terms.Seen(KEPT, Keyword.of(":p/age"), List.of(value));
  }

  private static Intent intent(long seq, long basisT, String forms) {
    return new Intent(new UUID(1, seq), seq, basisT, Instant.EPOCH, new ArrayList<>((List<?>) Edn.read(forms)), Map.of());
  }

  /** Mends after a fork at T 1010, whose database has one entity with a name. */
  private static List<Intent> mended(LongSupplier numbers, Intent... intents) {
    StoreFiles files = StoreFiles.inMemory();
    try (ClientLog log = ClientLog.open(files, Durability.PROCESS_CRASH, Samples.ids());
        DatomIndex index = DatomIndex.open(files, log)) {
      index.apply(List.of(new RandomTransactions(1).first(), Samples.tx(1009, Samples.add(KEPT, RandomTransactions.NAME, "a"))));
      return new ForkMender(new LogEntry.Forking(1010, 1012), index.snapshot(), MadeIds.NONE.with(Map.of(7L, LOST)), numbers)
          .mend(List.of(intents), List.of()).pending();
    }
  }
}
