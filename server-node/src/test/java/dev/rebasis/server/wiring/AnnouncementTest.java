package dev.rebasis.server.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Goal: a core that answers late has heard it all the same, once. Method: a core that is held up. */
class AnnouncementTest {
  private final Worker core = new Worker("core", "main", fault -> { });
  private final CoreCalls calls = new CoreCalls(core, "main", Duration.ofSeconds(60));
  private final AtomicInteger heard = new AtomicInteger();
  private CountDownLatch held;

  @AfterEach
  void close() {
    core.close();
  }

  private Announcement with(Duration patience) {
    return new Announcement(new CoreCalls(core, "main", patience), () -> {
      heard.incrementAndGet();
      return null;
    });
  }

  private void hold() {
    CountDownLatch latch = new CountDownLatch(1);
    held = latch;
    core.execute(() -> {
      try {
        latch.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
  }

  /** Lets the core go on, and waits until it has done all that it was told before. */
  private void goOn() {
    held.countDown();
    calls.ask(() -> null);
  }

  private static void tellInVain(Announcement announcement, String news) {
    assertThatThrownBy(() -> announcement.tell(news)).hasMessageContaining("did not answer");
  }

  @Test
  void whoTriesAgainWaitsForTheFirstTime() {
    Announcement impatient = with(Duration.ZERO);
    hold();
    tellInVain(impatient, "new");
    tellInVain(impatient, "new");
    goOn();
    assertThat(heard).as("twice in vain, heard once").hasValue(1);
    impatient.tell("new");
    assertThat(heard).as("the answer has come since").hasValue(1);
  }

  @Test
  void whatIsSaidAgainOnPurposeIsHeardAgain() {
    Announcement patient = with(Duration.ofSeconds(60));
    patient.tell("new");
    patient.tell("new");
    assertThat(heard).hasValue(2);
  }

  @Test
  void otherNewsAreHeardWithTheFormer_unlessTheseWereHeardBefore() {
    Announcement impatient = with(Duration.ZERO);
    hold();
    tellInVain(impatient, "new");
    tellInVain(impatient, "newer");
    goOn();
    assertThat(heard).as("it came to the former after the newer were there").hasValue(1);
    impatient.tell("newer");
    assertThat(heard).hasValue(1);
    hold();
    tellInVain(impatient, "newest");
    goOn();
    hold();
    tellInVain(impatient, "the very newest");
    goOn();
    assertThat(heard).as("what was heard before these does not count").hasValue(3);
  }

  @Test
  void aCoreThatIsClosedIsAskedEachTime() {
    Announcement patient = with(Duration.ofSeconds(60));
    core.close();
    assertThatThrownBy(() -> patient.tell("new")).hasMessageContaining("closed");
    assertThatThrownBy(() -> patient.tell("new")).hasMessageContaining("closed");
    assertThat(heard).hasValue(0);
  }
}
