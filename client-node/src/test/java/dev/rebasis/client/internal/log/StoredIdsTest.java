package dev.rebasis.client.internal.log;

import static dev.rebasis.client.internal.Samples.USER;
import static dev.rebasis.client.internal.Samples.intent;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.rebasis.client.Durability;
import dev.rebasis.client.internal.Samples;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.OutcomeKind;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: local ids that stay in the log's table mean at any time what they meant when a database value was made, however
 * the table changes meanwhile. Method: random histories against plain maps, and a real log.
 */
class StoredIdsTest {
  private static final long FAR = (1L << 52) + 77;
  private static final int HISTORIES = 300;
  private static final int STEPS = 60;

  @TempDir Path folder;

  /** A value with what it has to tell for ever. */
  private record Version(MadeIds made, Map<Long, Long> expected) {}

  /** The table, which takes over what was announced some time later, and one chain of values. */
  private static final class History {
    private final Random random;
    private final TreeMap<Long, Long> table = new TreeMap<>();
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private final List<Version> versions = new ArrayList<>();
    private final StoredIds stored;
    private long nextEntity = 1_000;

    History(long seed) {
      random = new Random(seed);
      for (int i = random.nextInt(30); i > 0; i--) {
        table.put(number(), nextEntity++);
      }
      long near = table.floorKey(StoredIds.FAR) == null ? 0 : table.floorKey(StoredIds.FAR);
      stored = new StoredIds((from, to, consumer) -> Map.copyOf(table.subMap(from, to)).forEach(consumer::accept), near,
          table.isEmpty() ? 0 : table.lastKey());
      versions.add(new Version(MadeIds.of(stored), Map.copyOf(table)));
    }

    /** Some share a place among the pages that are kept, some are far. */
    private long number() {
      return switch (random.nextInt(4)) {
        case 0 -> FAR + random.nextInt(3);
        case 1 -> (1L << 17) + 1 + random.nextInt(4);
        default -> 1 + random.nextInt(12);
      };
    }

    void step() {
      Version newest = versions.get(versions.size() - 1);
      Map<Long, Long> expected = new HashMap<>(newest.expected);
      switch (random.nextInt(5)) {
        case 0, 1 -> {
          Map<Long, Long> made = Map.of(number(), nextEntity++);
          made.forEach(expected::putIfAbsent);
          versions.add(new Version(newest.made.with(made), expected));
          stored.learning(made);
          waiting.add(() -> table.putAll(made));
        }
        case 2 -> {
          Set<Long> forgotten = Set.of(number());
          expected.keySet().removeAll(forgotten);
          versions.add(new Version(newest.made.without(forgotten), expected));
          stored.forgetting(forgotten);
          waiting.add(() -> table.keySet().removeAll(forgotten));
        }
        default -> {
          while (!waiting.isEmpty() && random.nextBoolean()) {
            waiting.remove().run();
          }
        }
      }
    }

    void check() {
      Version any = versions.get(random.nextInt(versions.size()));
      for (long number : List.of(0L, number(), number(), number(), number())) {
        assertThat(any.made.resolve(-number)).as("number " + number)
            .isEqualTo(any.expected.getOrDefault(number, -number));
      }
      Map<Long, Long> all = new HashMap<>();
      any.made.forEach((number, entity) -> assertThat(all.put(number, entity)).as("told twice").isNull());
      assertThat(all).isEqualTo(any.expected);
    }
  }

  @Test
  void everyValueKeepsWhatItKnew() {
    for (long seed = 0; seed < HISTORIES; seed++) {
      History history = new History(seed);
      for (int step = 0; step < STEPS; step++) {
        history.step();
        history.check();
      }
    }
  }

  private ClientLog open() {
    return ClientLog.open(StoreFiles.folder(folder.resolve("store")), Durability.POWER_LOSS, Samples.ids());
  }

  private static LogEntry.Decided decided(long seq, Map<Long, Long> made) {
    return new LogEntry.Decided(
        intent(seq, 0, "a").id(), OutcomeKind.ACCEPTED, false, 1000, made, null, null, List.of());
  }

  @Test
  void aLogReadsThemWhenTheyAreAskedForAndAnOldValueStaysAsItWas() {
    try (ClientLog log = open()) {
      log.write(List.of(new LogEntry.IntentMade(intent(1, 0, "a")), new LogEntry.IntentMade(intent(2, 0, "b"))), true);
      Map<Long, Long> made = new HashMap<>(Map.of(FAR, USER + 9_999));
      for (long number = 1; number <= 5_000; number += 2) {
        made.put(number, USER + number);
      }
      log.write(List.of(new LogEntry.Made(made)), true);
    }
    try (ClientLog log = open()) {
      MadeIds atOpening = log.state().made();
      assertThat(atOpening.resolve(-4_001)).isEqualTo(USER + 4_001);
      log.write(List.of(decided(1, Map.of(2L, USER + 2, FAR + 1, USER + 8, 3L, USER + 3))), true);
      log.write(List.of(new LogEntry.Mended(List.of(), Set.of(4_001L, 5L, FAR))), true);
      log.settle();
      assertThat(log.reads().committedAfter(0)).hasSize(1);
      assertThat(List.of(2L, 4_001L, 5L, FAR, FAR + 1, 4_999L)).extracting(number -> atOpening.resolve(-number))
          .containsExactly(-2L, USER + 4_001, USER + 5, USER + 9_999, -FAR - 1, USER + 4_999);
      log.refresh();
      assertThat(List.of(2L, 4_001L, 5L, FAR, FAR + 1, 4_999L)).extracting(number -> log.state().made().resolve(-number))
          .containsExactly(USER + 2, -4_001L, -5L, -FAR, USER + 8, USER + 4_999);
    }
  }

  @Test
  void afterTheCloseTheAnswerIsAnErrorAndNeverAnotherEntity() {
    try (ClientLog log = open()) {
      log.write(List.of(new LogEntry.Made(Map.of(1L, USER + 1))), true);
    }
    ClientLog log = open();
    MadeIds made = log.state().made();
    log.close();
    RebasisException error = catchThrowableOfType(RebasisException.class, () -> made.resolve(-1));
    assertThat(error.code()).isEqualTo(StoreErrors.EXPIRED);
    assertThat(error).hasMessageContaining("was closed").hasMessageContaining("Open it again");
    assertThat(made.resolve(-2)).as("never made").isEqualTo(-2);
  }
}
