package dev.rebasis.client.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SerialThreadTest {
  private final AtomicLong nanos = new AtomicLong();
  private final SerialThread serial = new SerialThread("serial-under-test", nanos::get);

  @Test
  void aGuestRunsItsTaskAndWhatComesOfItOnItsOwnThread() {
    List<String> ran = new ArrayList<>();
    serial.executeHere(() -> {
      serial.execute(() -> ran.add("then " + Thread.currentThread().getName()));
      ran.add("first");
    });
    assertThat(ran).containsExactly("first", "then " + Thread.currentThread().getName());
    serial.close();
  }

  @Test
  void aGuestWaitsForNobody() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    List<String> ran = Collections.synchronizedList(new ArrayList<>());
    serial.execute(() -> {
      begun.countDown();
      await(go);
      ran.add("thread");
    });
    begun.await();
    serial.executeHere(() -> ran.add("guest on " + Thread.currentThread().getName()));
    assertThat(ran).isEmpty();
    go.countDown();
    serial.close();
    assertThat(ran).containsExactly("thread", "guest on serial-under-test");
  }

  @Test
  void whatOthersGiveWhileAGuestRunsIsRunInOrderAndByOneThreadAtATime() throws InterruptedException {
    int tasks = 20_000;
    AtomicInteger running = new AtomicInteger();
    AtomicInteger together = new AtomicInteger();
    List<List<Integer>> ran = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    List<Thread> givers = new ArrayList<>();
    for (int giver = 0; giver < 3; giver++) {
      int mine = giver;
      givers.add(new Thread(() -> {
        for (int i = 0; i < tasks; i++) {
          int number = i;
          Runnable task = () -> {
            if (running.incrementAndGet() > 1) {
              together.incrementAndGet();
            }
            ran.get(mine).add(number);
            running.decrementAndGet();
          };
          if (mine == 0) {
            serial.execute(task);
          } else {
            serial.executeHere(task);
          }
        }
      }));
    }
    givers.forEach(Thread::start);
    for (Thread giver : givers) {
      giver.join();
    }
    serial.close();
    assertThat(together).hasValue(0);
    for (List<Integer> numbers : ran) {
      assertThat(numbers).hasSize(tasks).isSorted();
    }
  }

  @Test
  void aGuestIsLetGoWhenMuchWaits() throws InterruptedException {
    List<String> names = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch all = new CountDownLatch(200);
    serial.executeHere(() -> {
      for (int i = 0; i < 200; i++) {
        serial.execute(() -> {
          names.add(Thread.currentThread().getName());
          all.countDown();
        });
      }
    });
    assertThat(all.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(names).contains(Thread.currentThread().getName(), "serial-under-test");
    serial.close();
  }

  @Test
  void aGuestIsLetGoWhenItWasKeptForLong() throws InterruptedException {
    List<String> names = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch all = new CountDownLatch(2);
    serial.executeHere(() -> {
      for (int i = 0; i < 2; i++) {
        serial.execute(() -> {
          names.add(Thread.currentThread().getName());
          nanos.addAndGet(6_000_000);
          all.countDown();
        });
      }
    });
    assertThat(all.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(names).containsExactly(Thread.currentThread().getName(), "serial-under-test");
    serial.close();
  }

  @Test
  void closingRunsWhatWasGivenAndWaitsForAGuest() throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    List<String> ran = Collections.synchronizedList(new ArrayList<>());
    Thread guest = new Thread(() -> serial.executeHere(() -> {
      begun.countDown();
      await(go);
      ran.add("guest");
    }));
    guest.start();
    begun.await();
    serial.execute(() -> ran.add("waiting"));
    Thread closer = new Thread(serial::close);
    closer.start();
    while (closer.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    go.countDown();
    closer.join();
    assertThat(ran).containsExactly("guest", "waiting");
    serial.execute(() -> ran.add("late"));
    serial.executeHere(() -> ran.add("late"));
    assertThat(ran).doesNotContain("late");
  }

  @Test
  void aTaskThatFailsHoldsNothingUp() {
    AtomicReference<String> ran = new AtomicReference<>();
    serial.executeHere(() -> {
      throw new IllegalStateException("as planned");
    });
    serial.executeHere(() -> ran.set("after"));
    assertThat(ran).hasValue("after");
    serial.executeHere(() -> {
      throw new StackOverflowError("as planned");
    });
    serial.executeHere(() -> ran.set("and after that"));
    assertThat(ran).hasValue("and after that");
    serial.close();
  }

  @Test
  void theThreadGoesOnAfterExceptionsAndErrors() {
    List<String> ran = Collections.synchronizedList(new ArrayList<>());
    serial.execute(() -> {
      throw new IllegalStateException("planned");
    });
    serial.execute(() -> ran.add("after an exception"));
    serial.execute(() -> {
      throw new StackOverflowError("planned");
    });
    serial.execute(() -> ran.add("after an error"));
    serial.close();
    serial.execute(() -> ran.add("after the end"));
    assertThat(ran).containsExactly("after an exception", "after an error");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
