package dev.rebasis.client;

import dev.rebasis.error.RebasisException;
import java.util.Objects;

/**
 * What a client shows to its server. Asked at every connection and every load, on a background thread of the connection,
 * where it may block for a moment, for example to fetch a fresh token. Thread-safe.
 */
@FunctionalInterface
public interface Credentials {
  /** The bearer token to show now; null for none. */
  String token();

  /**
   * The server did not take the token. Nothing is lost: what is pending waits, and the client tries again after a while, or
   * at once when the program calls {@link SyncClient#goOnline()}.
   *
   * @param reason the server's
   */
  default void refused(RebasisException reason) {}

  /** Always the same token. */
  static Credentials bearer(String token) {
    Objects.requireNonNull(token, "token");
    return () -> token;
  }

  /** No token. */
  static Credentials none() {
    return () -> null;
  }
}
