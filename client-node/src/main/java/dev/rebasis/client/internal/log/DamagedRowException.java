package dev.rebasis.client.internal.log;

/** A row of the log is not the one that was written. Becomes {@code :rebasis.error/store-damaged}. */
final class DamagedRowException extends RuntimeException {
  DamagedRowException(String what) {
    super(what);
  }
}
