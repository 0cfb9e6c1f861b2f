package dev.rebasis.client.internal.core;

import dev.rebasis.client.internal.log.StoreErrors;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.Map;

/** Whether a client can be used: it is open, closed, only to be read, or stopped by a failure. Thread-safe. */
final class Health {
  private volatile RebasisException failure;
  private volatile boolean closed;

  /**
   * Notes a failure that leaves memory and disk apart.
   *
   * @return how every call is answered from now on; null if the client was closed or had failed before
   */
  synchronized RebasisException fail(RuntimeException cause) {
    if (failure != null || closed) {
      return null;
    }
    failure = stopping(cause);
    return failure;
  }

  /** How every call is answered after an exception or an error that stopped the client. */
  static RebasisException stopping(Throwable cause) {
    if (cause instanceof RebasisException known) {
      return known;
    }
    if (cause instanceof OutOfMemoryError) {
      return new RebasisException(Keyword.of(":rebasis.error/out-of-memory"), ErrorCategory.ASK_PERSON,
          "The client stopped, for the program has too little memory: " + cause.getMessage() + ". What was acknowledged is in"
              + " the store; open it again in a program with a larger heap (-Xmx).", Map.of(), cause);
    }
    return new RebasisException(Keyword.of(":rebasis.error/internal"), ErrorCategory.PROGRAMMING_ERROR,
        "The client stopped at an error of its own: " + cause + ". What was acknowledged is in the store; open it"
            + " again, and report the error.", Map.of(), cause);
  }

  /** Notes that the client is closed; false if it was before. */
  synchronized boolean close() {
    boolean first = !closed;
    closed = true;
    return first;
  }

  /** The failure that stopped the client, or null. */
  RebasisException failure() {
    return failure;
  }

  /** Throws unless the client can be used. */
  void check() {
    if (closed) {
      throw closedError();
    }
    RebasisException cause = failure;
    if (cause != null) {
      throw cause;
    }
  }

  /**
   * Throws unless what is shown can be read: the client can be used, or only its log cannot be written any more. What is
   * shown is on the disk at any time (see {@link Publisher}), so a failed write takes nothing of it away.
   */
  void checkShown() {
    RebasisException cause = failure;
    if (closed || cause != null && !cause.code().equals(StoreErrors.FAILED)) {
      check();
    }
  }

  static RebasisException closedError() {
    return new RebasisException(Keyword.of(":rebasis.error/client-closed"), ErrorCategory.PROGRAMMING_ERROR,
        "This client is closed. Open the store again with SyncClient.builder().");
  }
}
