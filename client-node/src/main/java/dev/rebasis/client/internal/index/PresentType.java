package dev.rebasis.client.internal.index;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.h2.mvstore.WriteBuffer;
import org.h2.mvstore.type.DataType;

/**
 * The value of a map that is used as a set: takes no byte in a page, and none on the heap, since all pages of a map
 * share their values. Only what is there already is ever written to them; each map has its own all the same, since H2 writes at each
 * change, and what several processors write to must go from one to the other. Thread-safe.
 */
final class PresentType implements DataType<Boolean> {
  /** Bytes of a leaf that a thread makes. */
  private record Counting(Thread by, int bytes) {}

  private Counting counting; // one field and all of it final: whoever sees another thread's knows that it is not meant
  private final Boolean[] shared = new Boolean[2 * DatomMap.PAGE_KEYS_MAX];

  PresentType() {
    Arrays.fill(shared, Boolean.TRUE);
  }

  @Override
  public int compare(Boolean x, Boolean y) {
    return 0;
  }

  @Override
  public int binarySearch(Boolean key, Object storage, int size, int initialGuess) {
    return 0;
  }

  /**
   * Until {@link #counted}, tells this thread so many bytes for a value: those of the keys that came into a leaf without being
   * counted, see {@link DatomType#fillNext}.
   */
  void countNext(int bytes) {
    counting = new Counting(Thread.currentThread(), bytes);
  }

  /** Ends {@link #countNext}. */
  void counted() {
    counting = null;
  }

  @Override
  public int getMemory(Boolean value) {
    Counting now = counting;
    return now != null && now.by == Thread.currentThread() ? now.bytes : 0;
  }

  // An average over the values would spread what is counted once over all.
  @Override
  public boolean isMemoryEstimationAllowed() {
    return false;
  }

  @Override
  public void write(WriteBuffer out, Boolean value) {
    // Presence says it all.
  }

  @Override
  public void write(WriteBuffer out, Object storage, int size) {
    // Presence says it all.
  }

  @Override
  public Boolean read(ByteBuffer in) {
    return Boolean.TRUE;
  }

  @Override
  public void read(ByteBuffer in, Object storage, int size) {
    // Presence says it all.
  }

  @Override
  public Boolean[] createStorage(int size) {
    if (size <= shared.length) {
      return shared;
    }
    Boolean[] more = new Boolean[size];
    Arrays.fill(more, Boolean.TRUE);
    return more;
  }
}
