package dev.rebasis.client.internal.core;

import dev.rebasis.client.Credentials;
import dev.rebasis.client.LeftBehind;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;

/** Whose client this is: changes of the user, and what may be left behind by them. Thread-safe. */
final class UserCalls {
  private final ClientParts parts;

  UserCalls(ClientParts parts) {
    this.parts = parts;
  }

  /** Connects as another user, or as the same with newer credentials. */
  void login(Credentials credentials) {
    parts.driver.goOffline();
    use(credentials);
    if (parts.state.handles().pending().isEmpty()) {
      parts.driver.forgetUser();
    }
    parts.driver.goOnline();
  }

  /**
   * Connects no more, and forgets the credentials.
   *
   * @throws RebasisException {@code :rebasis.error/still-pending}, and nothing was changed
   */
  void logout(LeftBehind leaves) {
    checkNothingWaits(leaves, parts.state.handles().pending().size(), "pending");
    parts.driver.goOffline();
    use(Credentials.none());
  }

  /**
   * Throws if wiping the store would lose what nobody else holds.
   *
   * @throws RebasisException {@code :rebasis.error/still-pending}
   */
  void checkMayBeWiped(LeftBehind leaves) {
    checkNothingWaits(leaves, parts.state.pendingCount() + parts.parked.open().size(), "pending or parked");
  }

  private void use(Credentials credentials) {
    if (parts.environment.transport() != null) {
      parts.environment.transport().credentials(credentials);
    }
  }

  private static void checkNothingWaits(LeftBehind leaves, int waiting, String what) {
    if (waiting > 0 && leaves == LeftBehind.NOTHING) {
      throw new RebasisException(Keyword.of(":rebasis.error/still-pending"), ErrorCategory.ASK_PERSON, waiting
          + " transactions are " + what + ". Sync first, or say LeftBehind.ANYTHING; nothing was changed.");
    }
  }
}
