package dev.rebasis.client.wiring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A task that fails, whatever it throws, does not keep the ones behind it from being run. */
class SerialThreadTest {
  @Test
  void goesOnAfterExceptionsAndErrors() {
    List<String> ran = Collections.synchronizedList(new ArrayList<>());
    SerialThread thread = new SerialThread("test");
    thread.execute(() -> {
      throw new IllegalStateException("planned");
    });
    thread.execute(() -> ran.add("after an exception"));
    thread.execute(() -> {
      throw new StackOverflowError("planned");
    });
    thread.execute(() -> ran.add("after an error"));
    thread.close();
    thread.execute(() -> ran.add("after the end"));
    assertThat(ran).containsExactly("after an exception", "after an error");
  }
}
