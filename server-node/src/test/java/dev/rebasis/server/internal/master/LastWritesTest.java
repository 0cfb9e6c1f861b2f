package dev.rebasis.server.internal.master;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Bootstrap;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** The table may say "perhaps" wrongly, never "no"; and it says "no" where it can. */
class LastWritesTest {
  private static final Schema SCHEMA = Bootstrap.schema();
  private static final long IDENT = SystemIds.DB_IDENT;
  private static final long DOC = SystemIds.DB_DOC;
  private static final long FIRST = 17_592_186_045_418L;

  @Test
  void whatWasWrittenAfterAnyTimeIsNeverDenied() {
    LastWrites writes = new LastWrites(0);
    Map<Long, Long> newest = new HashMap<>();
    for (long t = 1; t <= 20_000; t++) {
      long e = FIRST + (t * 7919) % 5000;
      writes.note(written(t, new Datom(e, DOC, "x", EntityIds.txOf(t), true)), SCHEMA);
      newest.put(e, t);
    }
    newest.forEach((e, t) -> {
      assertThat(writes.mayHaveChanged(e, t - 1)).isTrue();
      assertThat(writes.mayHaveChanged(e, 0)).isTrue();
    });
  }

  @Test
  void whatWasNotWrittenIsDenied() {
    LastWrites writes = new LastWrites(0);
    for (long t = 1; t <= 100_000; t++) {
      writes.note(written(t, new Datom(FIRST + t, DOC, "x", EntityIds.txOf(t), true)), SCHEMA);
    }
    int perhaps = 0;
    for (long e = FIRST + 1_000_000; e < FIRST + 1_010_000; e++) {
      perhaps += writes.mayHaveChanged(e, 0) ? 1 : 0;
    }
    assertThat(perhaps).isZero();
    int since = 0;
    for (long e = FIRST + 1; e < FIRST + 10_001; e++) {
      since += writes.mayHaveChanged(e, 90_000) ? 1 : 0;
    }
    assertThat(since).isZero();
  }

  @Test
  void aTimeBeforeTheFirstNotedTransactionIsNeverDenied() {
    LastWrites writes = new LastWrites(1000);
    assertThat(writes.mayHaveChanged(FIRST, 999)).isTrue();
    assertThat(writes.mayHaveChanged(FIRST, 1000)).isFalse();
    assertThat(writes.mayHaveChanged(SCHEMA.attribute(IDENT), Keyword.of(":a/b"), 999)).isTrue();
    assertThat(writes.mayHaveChanged(SCHEMA.attribute(IDENT), Keyword.of(":a/b"), 1000)).isFalse();
  }

  @Test
  void valuesThatNameAnEntityAreNoted() {
    LastWrites writes = new LastWrites(0);
    writes.note(written(5, new Datom(FIRST, IDENT, Keyword.of(":a/b"), EntityIds.txOf(5), false)), SCHEMA);
    assertThat(writes.mayHaveChanged(SCHEMA.attribute(IDENT), Keyword.of(":a/b"), 4)).isTrue();
    assertThat(writes.mayHaveChanged(SCHEMA.attribute(IDENT), Keyword.of(":a/b"), 5)).isFalse();
    assertThat(writes.mayHaveChanged(SCHEMA.attribute(IDENT), Keyword.of(":a/c"), 4)).isFalse();
  }

  @Test
  void anAttributeThatWasAlteredMayHaveBecomeUniqueWithTheValuesThatItHad() {
    LastWrites writes = new LastWrites(0);
    writes.note(written(5, new Datom(FIRST, DOC, "x", EntityIds.txOf(5), true)), SCHEMA);
    assertThat(writes.mayHaveChanged(SCHEMA.attribute(DOC), "x", 4)).isFalse();
    writes.note(written(6, new Datom(DOC, SystemIds.DB_UNIQUE, SystemIds.UNIQUE_VALUE, EntityIds.txOf(6), true)), SCHEMA);
    assertThat(writes.mayHaveChanged(SCHEMA.attribute(DOC), "x", 4)).isTrue();
  }

  @Test
  void whatATransactionSaysAboutItselfIsAsOldAsItIs() {
    LastWrites writes = new LastWrites(0);
    long tx = EntityIds.txOf(5);
    writes.note(written(5, new Datom(tx, DOC, "x", tx, true)), SCHEMA);
    assertThat(writes.mayHaveChanged(tx, 4)).isTrue();
    assertThat(writes.mayHaveChanged(tx, 5)).isFalse();
    writes.note(written(9, new Datom(tx, DOC, "y", EntityIds.txOf(9), true)), SCHEMA);
    assertThat(writes.mayHaveChanged(tx, 8)).isTrue();
    assertThat(writes.mayHaveChanged(tx, 9)).isFalse();
  }

  @Test
  void whatIsForgottenIsNeverDenied() {
    LastWrites writes = new LastWrites(0, 1 << 12);
    for (long t = 1; t <= 50_000; t++) {
      writes.note(written(t, new Datom(FIRST + t, DOC, "x", EntityIds.txOf(t), true)), SCHEMA);
    }
    int denied = 0;
    for (long t = 1; t <= 50_000; t++) {
      assertThat(writes.mayHaveChanged(FIRST + t, t - 1)).isTrue();
      denied += writes.mayHaveChanged(FIRST + t, t) ? 0 : 1;
    }
    assertThat(denied).isBetween(900, 2048);
  }

  @Property(tries = 200)
  void growingForgetsNothing(@ForAll @Size(max = 40) List<@LongRange(min = 0, max = 1000) Long> entities) {
    LastWrites writes = new LastWrites(0);
    List<Datom> datoms = new ArrayList<>();
    entities.forEach(e -> datoms.add(new Datom(FIRST + e, DOC, "x", EntityIds.txOf(3), true)));
    writes.note(new Transaction(3, datoms), SCHEMA);
    for (long t = 4; t < 1500; t++) {
      writes.note(written(t, new Datom(FIRST + 2000 + t, DOC, "x", EntityIds.txOf(t), true)), SCHEMA);
    }
    assertThat(entities).allMatch(e -> writes.mayHaveChanged(FIRST + e, 2));
  }

  private static Transaction written(long t, Datom datom) {
    return new Transaction(t, List.of(datom));
  }
}
