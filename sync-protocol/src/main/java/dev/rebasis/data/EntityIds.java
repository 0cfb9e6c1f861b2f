package dev.rebasis.data;

/**
 * Arithmetic on entity ids. Datomic keeps the partition in the bits above the 42nd and, in the transaction
 * partition, T in the bits below; local ids are negative. Pure functions.
 */
public final class EntityIds {
  private static final int T_BITS = 42;
  private static final long T_MASK = (1L << T_BITS) - 1;
  private static final long TX_PARTITION = 3;

  private EntityIds() {}

  /** The entity id of the transaction at T. */
  public static long txOf(long t) {
    return (TX_PARTITION << T_BITS) | t;
  }

  /** The T of a transaction entity. Undefined for other entities. */
  public static long tOf(long tx) {
    return tx & T_MASK;
  }

  /** Whether the id is that of a confirmed transaction's entity. */
  public static boolean isTx(long id) {
    return id >>> T_BITS == TX_PARTITION;
  }

  /** Whether the id is one of the partition {@code :db.part/db}, where attributes are. */
  public static boolean isSchema(long id) {
    return id >>> T_BITS == 0;
  }

  /** Whether the id was given by a client and has no meaning on the server. */
  public static boolean isLocal(long id) {
    return id < 0;
  }
}
