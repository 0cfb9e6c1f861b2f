package dev.rebasis.offender;

import java.util.UUID;

/** Breaks the ban on clocks, random sources and threads on purpose, so that the rule is known to bite. */
public final class Offender {
  /** Reads the machine's clock. */
  public long now() {
    return System.currentTimeMillis();
  }

  /** Takes a random id. */
  public UUID id() {
    return UUID.randomUUID();
  }

  /** Starts a thread. */
  public void run() {
    new Thread(() -> {}).start();
  }
}
