package dev.rebasis.conflict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HistoryChangesTest {
  private static final long E = 17_592_186_045_418L;
  private static final long NAME = 72;
  private static final long TAGS = 73;

  /** Name: a at 1000, b at 1002, c at 1004, d at 1006. Tags: x at 1000, y added at 1004, x retracted at 1006. */
  private static final List<Datom> ALL = List.of(
      datom(NAME, "a", 1000, true),
      datom(NAME, "b", 1002, true), datom(NAME, "a", 1002, false),
      datom(NAME, "c", 1004, true), datom(NAME, "b", 1004, false),
      datom(NAME, "d", 1006, true), datom(NAME, "c", 1006, false),
      datom(TAGS, "x", 1000, true), datom(TAGS, "y", 1004, true), datom(TAGS, "x", 1006, false));

  @Test
  void remoteIsWhatOthersWroteAfterTheBasis() {
    HistoryChanges changes = changes(1002, Set.of());
    assertThat(changes.of(E, NAME)).extracting(Datom::v, Datom::added)
        .containsExactly(tuple("b", false), tuple("c", true), tuple("c", false), tuple("d", true));
    assertThat(changes.baseValues(E, NAME)).containsExactly("b");
    assertThat(changes.baseValues(E, TAGS)).containsExactly("x");
  }

  @Test
  void theNewestOwnWriteOnTheSameAttributeIsTheBase() {
    HistoryChanges changes = changes(1000, Set.of(1004L));
    assertThat(changes.of(E, NAME)).extracting(Datom::t).containsOnly(1006L);
    assertThat(changes.baseValues(E, NAME)).containsExactly("c");
    assertThat(changes.baseValues(E, TAGS)).containsExactly("x", "y");
    assertThat(changes.of(E)).extracting(Datom::t).containsOnly(1006L);
  }

  @Test
  void ownWritesAreNeverRemote() {
    assertThat(changes(1004, Set.of(1006L)).of(E)).isEmpty();
    assertThat(changes(1006, Set.of()).of(E, NAME)).isEmpty();
  }

  @Test
  void anOwnWriteOnAnotherAttributeDoesNotHideARemoteOne() {
    List<Datom> datoms = List.of(datom(NAME, "a", 1000, true), datom(TAGS, "y", 1002, true),
        datom(NAME, "b", 1001, true), datom(NAME, "a", 1001, false));
    HistoryChanges changes = new HistoryChanges(history(datoms), 1000, tx -> EntityIds.tOf(tx) == 1002, false);
    assertThat(changes.of(E)).extracting(Datom::t).containsOnly(1001L);
    assertThat(changes.of(E, TAGS)).isEmpty();
  }

  @Test
  void anOwnWriteOfOneValueSettlesNothingAboutAnother() {
    HistoryChanges changes = changes(1000, Set.of(1006L));
    assertThat(changes.of(E, TAGS)).extracting(Datom::v, Datom::t).containsExactly(tuple("y", 1004L));
    assertThat(changes.baseValues(E, TAGS)).isEmpty();
    assertThat(changes.of(E)).extracting(Datom::a, Datom::v).containsExactly(tuple(TAGS, "y"));
  }

  @Test
  void localEntitiesHaveNoHistory() {
    HistoryChanges changes = new HistoryChanges(new UnaskedHistory(true), 1000, tx -> false, false);
    assertThat(changes.of(-1, NAME)).isEmpty();
    assertThat(changes.of(-1)).isEmpty();
    assertThat(changes.baseValues(-1, NAME)).isEmpty();
  }

  @Test
  void aValueThatOthersGaveUpOrClaimedIsFound() {
    assertThat(changes(1002, Set.of()).ofValue(NAME, "b")).extracting(Datom::e, Datom::t, Datom::added)
        .containsExactly(tuple(E, 1004L, false));
    assertThat(changes(1002, Set.of()).ofValue(NAME, "a")).isEmpty();
    assertThat(changes(1002, Set.of(1006L)).ofValue(NAME, "d")).isEmpty();
  }

  private static HistoryChanges changes(long basisT, Set<Long> ownTs) {
    return new HistoryChanges(history(ALL), basisT, tx -> ownTs.contains(EntityIds.tOf(tx)), false);
  }

  private static HistoryChanges.History history(List<Datom> datoms) {
    return new HistoryChanges.History() {
      @Override
      public Iterable<Datom> of(long e, long a) {
        return datoms.stream().filter(d -> d.e() == e && d.a() == a).toList();
      }

      @Override
      public Iterable<Datom> of(long e) {
        return datoms.stream().filter(d -> d.e() == e).toList();
      }

      @Override
      public Iterable<Datom> ofValue(long a, Object v) {
        return datoms.stream().filter(d -> d.a() == a && d.v().equals(v)).toList();
      }

      @Override
      public boolean isMany(long a) {
        return a == TAGS;
      }
    };
  }

  private static org.assertj.core.groups.Tuple tuple(Object... values) {
    return org.assertj.core.groups.Tuple.tuple(values);
  }

  private static Datom datom(long a, Object v, long t, boolean added) {
    return new Datom(E, a, v, EntityIds.txOf(t), added);
  }
}
