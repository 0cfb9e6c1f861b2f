package dev.rebasis.server.internal.master;

/**
 * Somebody else wrote to a shared database between a decision and its commit: nothing was written, and what was decided is
 * to be decided again on the newer value. Never leaves the master.
 */
final class MovedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  MovedException() {
    super("another node wrote meanwhile", null, false, false);
  }
}
