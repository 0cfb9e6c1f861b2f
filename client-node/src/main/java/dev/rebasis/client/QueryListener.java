package dev.rebasis.client;

import dev.rebasis.error.RebasisException;

/** Told of the results of a live query, one after the other, on the notification thread. */
@FunctionalInterface
public interface QueryListener {
  /** There is a first or another result. */
  void changed(QueryChange change);

  /**
   * The query cannot be answered on the newest view, for example since an attribute is gone. It is tried again on each
   * view that follows; the same error is told once, and the first result after it in any case. Without an implementation,
   * the error is logged.
   */
  default void failed(RebasisException error) {
    System.getLogger(QueryListener.class.getName()).log(System.Logger.Level.WARNING, "A live query failed.", error);
  }
}
