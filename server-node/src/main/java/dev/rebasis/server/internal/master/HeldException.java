package dev.rebasis.server.internal.master;

/** Another node is in the middle of a group of transactions, and nobody else may commit. Never leaves the master. */
final class HeldException extends RuntimeException {
  private static final long serialVersionUID = 1;

  HeldException() {
    super("another node commits a group", null, false, false);
  }
}
