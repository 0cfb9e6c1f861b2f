package dev.rebasis.server.internal.master;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.UUID;

/**
 * The tokens by which a store shows that it is no copy. The database, which every client reads, holds hashes of them only.
 * Pure functions.
 */
public final class StoreTokens {
  /** The store is a copy of another, or older than what it pushed. */
  public static final Keyword COPIED = Keyword.of(":rebasis.error/store-copied");

  private StoreTokens() {}

  /** A hash of a token, which tells nobody the token itself; null of null. */
  public static UUID hash(UUID token) {
    if (token == null) {
      return null;
    }
    try {
      byte[] bytes = ByteBuffer.allocate(16).putLong(token.getMostSignificantBits())
          .putLong(token.getLeastSignificantBits()).array();
      ByteBuffer hash = ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(bytes));
      return new UUID(hash.getLong(), hash.getLong());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The error for a store that is a copy. */
  public static RebasisException copied(long number) {
    return new RebasisException(COPIED, ErrorCategory.RETRY_LATER, "This store bears the client number " + number
        + ", but another store with that number has gone on since: this one is a copy of it, or was restored from an older"
        + " backup. It goes on as a client of its own, under a new number; what is pending on it is kept.",
        Map.of(Keyword.of(":client"), number), null);
  }
}
