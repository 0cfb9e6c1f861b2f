package dev.rebasis.client.internal.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Writes are grouped, ordered, and end for good at the first failure. Method: a writer that the test holds up. */
@Timeout(60)
class GroupCommitTest {
  private static final RebasisException FULL =
      new RebasisException(Keyword.of(":rebasis.error/store-failed"), ErrorCategory.ASK_PERSON, "disk full");

  private static List<LogEntry> entry(long number) {
    return List.of(new LogEntry.ClientNumber(number));
  }

  private static long number(LogEntry entry) {
    return ((LogEntry.ClientNumber) entry).number();
  }

  @Test
  void whatIsHandedInWhileOneWritesIsWrittenTogetherWithOneForce() throws Exception {
    CountDownLatch firstWrites = new CountDownLatch(1);
    CountDownLatch mayGoOn = new CountDownLatch(1);
    List<List<Long>> groups = Collections.synchronizedList(new ArrayList<>());
    GroupCommit commit = new GroupCommit((entries, force) -> {
      groups.add(entries.stream().map(GroupCommitTest::number).toList());
      firstWrites.countDown();
      awaitLatch(mayGoOn);
    }, error -> { });
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      Future<?> first = threads.submit(() -> commit.await(commit.submit(entry(1), true, () -> { })));
      awaitLatch(firstWrites);
      List<Long> done = Collections.synchronizedList(new ArrayList<>());
      long two = commit.submit(entry(2), false, () -> done.add(2L));
      long three = commit.submit(entry(3), true, () -> done.add(3L));
      Future<?> second = threads.submit(() -> commit.await(three));
      Future<?> third = threads.submit(() -> commit.await(two));
      mayGoOn.countDown();
      first.get(30, TimeUnit.SECONDS);
      second.get(30, TimeUnit.SECONDS);
      third.get(30, TimeUnit.SECONDS);
      assertThat(groups).containsExactly(List.of(1L), List.of(2L, 3L));
      assertThat(done).containsExactly(2L, 3L);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void manyThreadsGetTheirEntriesWrittenInOrderAndAfterwardsDone() throws Exception {
    List<Long> written = Collections.synchronizedList(new ArrayList<>());
    AtomicInteger writes = new AtomicInteger();
    AtomicInteger writers = new AtomicInteger();
    GroupCommit commit = new GroupCommit((entries, force) -> {
      assertThat(writers.incrementAndGet()).as("one writer at a time").isEqualTo(1);
      entries.forEach(entry -> written.add(number(entry)));
      writes.incrementAndGet();
      writers.decrementAndGet();
    }, error -> { });
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      AtomicInteger next = new AtomicInteger();
      List<Long> done = Collections.synchronizedList(new ArrayList<>());
      List<Future<?>> futures = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        futures.add(threads.submit(() -> {
          for (int j = 0; j < 200; j++) {
            long ticket;
            long mine;
            synchronized (next) {
              mine = next.incrementAndGet();
              long number = mine;
              ticket = commit.submit(entry(number), true, () -> done.add(number));
            }
            commit.await(ticket);
            assertThat(written.contains(mine)).isTrue();
            assertThat(done.contains(mine)).isTrue();
          }
        }));
      }
      for (Future<?> future : futures) {
        future.get(30, TimeUnit.SECONDS);
      }
      assertThat(written).hasSize(1_600).isSorted();
      assertThat(done).isEqualTo(written);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void taskAfterAWriteMayWriteItself() {
    List<Long> written = new ArrayList<>();
    GroupCommit[] commit = new GroupCommit[1];
    commit[0] = new GroupCommit((entries, force) -> entries.forEach(entry -> written.add(number(entry))), error -> { });
    commit[0].await(commit[0].submit(entry(1), true, () -> commit[0].await(
        commit[0].submit(entry(2), true, () -> written.add(22L)))));
    assertThat(written).containsExactly(1L, 2L, 22L);
  }

  @Test
  void failureEndsItForEveryone() {
    List<RuntimeException> told = new ArrayList<>();
    List<String> after = new ArrayList<>();
    GroupCommit commit = new GroupCommit((entries, force) -> {
      throw FULL;
    }, told::add);
    long ticket = commit.submit(entry(1), true, () -> after.add("written"));
    assertThatThrownBy(() -> commit.await(ticket)).isSameAs(FULL);
    assertThatThrownBy(() -> commit.submit(entry(2), true, () -> { })).isSameAs(FULL);
    assertThat(told).containsExactly(FULL);
    assertThat(after).isEmpty();
  }

  @Test
  void anErrorOfJavaEndsItToo() {
    Error full = new OutOfMemoryError("heap");
    List<RuntimeException> told = new ArrayList<>();
    GroupCommit commit = new GroupCommit((entries, force) -> {
      throw full;
    }, told::add);
    long ticket = commit.submit(entry(1), true, () -> { });
    assertThatThrownBy(() -> commit.await(ticket)).isSameAs(full);
    assertThat(told).singleElement().satisfies(error -> assertThat(error).hasCause(full).hasMessageContaining("heap"));
    assertThatThrownBy(() -> commit.submit(entry(2), true, () -> { })).isSameAs(told.get(0));
  }

  @Test
  void closeWritesWhatWasHandedInAndRefusesTheRest() {
    List<Long> written = new ArrayList<>();
    GroupCommit commit =
        new GroupCommit((entries, force) -> entries.forEach(entry -> written.add(number(entry))), error -> { });
    commit.submit(entry(1), true, () -> { });
    commit.close(FULL);
    assertThat(written).containsExactly(1L);
    assertThatThrownBy(() -> commit.submit(entry(2), true, () -> { })).isSameAs(FULL);
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
