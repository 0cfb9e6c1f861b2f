package dev.rebasis.client.internal.log;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.sql.SQLException;
import java.util.Map;

/** The errors of a store, each one sentence with its cause and one with the way out. */
public final class StoreErrors {
  /** Another program has the store open. */
  public static final Keyword IN_USE = Keyword.of(":rebasis.error/store-in-use");
  /** The store was written by another version. */
  public static final Keyword OTHER_FORMAT = Keyword.of(":rebasis.error/store-format");
  /** The log cannot be read. */
  public static final Keyword DAMAGED = Keyword.of(":rebasis.error/store-damaged");
  /** The disk or H2 refused to read or write. */
  public static final Keyword FAILED = Keyword.of(":rebasis.error/store-failed");
  /** A value is too large for the log. */
  public static final Keyword VALUE_TOO_LARGE = Keyword.of(":rebasis.error/value-too-large");
  /** An old database value whose storage was given up. */
  public static final Keyword EXPIRED = Keyword.of(":rebasis.error/database-expired");

  private static final Keyword STORE = Keyword.of(":store");

  private StoreErrors() {}

  static RebasisException inUse(String store, String holder) {
    return new RebasisException(IN_USE, ErrorCategory.RETRY_LATER,
        "The store " + store + " is open already, held by " + holder + ". Close it there, or open another store.",
        Map.of(STORE, store, Keyword.of(":holder"), holder), null);
  }

  static RebasisException otherFormat(String store, String found, int known) {
    return new RebasisException(OTHER_FORMAT, ErrorCategory.ASK_PERSON,
        "The store " + store + " has format " + found + ", and this version of Rebasis reads format " + known
            + ". Nothing was changed. Open it with the version that wrote it, or open another folder.",
        Map.of(STORE, store, Keyword.of(":format"), found, Keyword.of(":known"), known), null);
  }

  static RebasisException damaged(String store, String what, Throwable cause) {
    return new RebasisException(DAMAGED, ErrorCategory.ASK_PERSON,
        "The log of the store " + store + " is damaged: " + what + ". Put a backup of the folder in its place; or move"
            + " the folder away and open an empty one, which loads the confirmed data from the server again, and read"
            + " the transactions that were still pending out of the old log (docs/store.md tells how).",
        Map.of(STORE, store, Keyword.of(":what"), what), cause);
  }

  static RebasisException failed(String store, String doing, Throwable cause) {
    return new RebasisException(FAILED, ErrorCategory.ASK_PERSON,
        "The store " + store + " could not " + doing + ": " + cause.getMessage()
            + ". Look at the disk's free space and permissions, then open the store again; what was acknowledged is in"
            + " it.",
        Map.of(STORE, store), cause);
  }

  /** The index could not be written; it is made again from the log at the next opening. */
  public static RebasisException indexFailed(String store, Throwable cause) {
    return failed(store, "write its index (which is made again from the log at the next opening)", cause);
  }

  /** An old value whose storage is gone. */
  public static RebasisException expired(long t, String why) {
    return new RebasisException(EXPIRED, ErrorCategory.FIX_REQUEST,
        "This database value of T " + t + " can no longer be read: " + why + ". Take a new one from the client.",
        Map.of(Keyword.of(":t"), t, Keyword.of(":why"), why), null);
  }

  /** An old value asked for a local id after its client was closed. */
  static RebasisException closed(String store) {
    return new RebasisException(EXPIRED, ErrorCategory.FIX_REQUEST,
        "The store " + store + " was closed, so what its local ids stand for can no longer be read. Open it again and take"
            + " a database value from the client.",
        Map.of(STORE, store), null);
  }

  /** Something that reads the tables. */
  interface Read<T> {
    T get() throws SQLException;
  }

  /** Reads, and says by name of the store what went wrong. */
  static <T> T explainingReads(String name, Read<T> read) {
    try {
      return read.get();
    } catch (SQLException e) {
      throw failed(name, "read its log", e);
    } catch (DamagedRowException e) {
      throw damaged(name, e.getMessage(), e);
    }
  }
}
