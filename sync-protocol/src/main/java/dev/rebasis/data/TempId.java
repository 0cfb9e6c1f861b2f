package dev.rebasis.data;

import java.util.Objects;

/**
 * A tempid as Datomic's early years wrote it, {@code #db/id[:db.part/user -1]}: a place-holder for an entity within one
 * transaction. Immutable.
 *
 * <p>Two with the same partition and number are equal and mean one entity; one without a number equals only itself, so
 * that each {@code #db/id[:db.part/user]} in a text is an entity of its own. Strings serve the same purpose and are
 * easier to write. The partition is read, but where an entity is put the server decides, as it does for strings; the
 * one exception is {@code :db.part/tx}, which means the transaction itself.
 */
public final class TempId {
  private static final Keyword TX_PARTITION = Keyword.of(":db.part/tx");

  private final Keyword partition;
  private final Long number;

  private TempId(Keyword partition, Long number) {
    this.partition = Objects.requireNonNull(partition, "partition");
    this.number = number;
  }

  /** A new one, equal to no other. */
  public static TempId of(Keyword partition) {
    return new TempId(partition, null);
  }

  /**
   * One with a number.
   *
   * @param number below 0, since other numbers are entity ids
   * @throws IllegalArgumentException if it is not
   */
  public static TempId of(Keyword partition, long number) {
    if (number >= 0) {
      throw new IllegalArgumentException("The number of a tempid is below 0, but this is " + number
          + ". Write an entity's id as a plain number.");
    }
    return new TempId(partition, number);
  }

  /** Whether it means the transaction's own entity. */
  public boolean isTransaction() {
    return partition == TX_PARTITION;
  }

  /**
   * The string that can stand for it in the same transaction, and under which its entity is found afterwards: partition
   * and number, {@code "db.part/user -1"}. Null if it has no number.
   */
  public String name() {
    return number == null ? null : partition.toString().substring(1) + " " + number;
  }

  @Override
  public boolean equals(Object other) {
    return this == other || number != null && other instanceof TempId that && number.equals(that.number)
        && partition == that.partition;
  }

  @Override
  public int hashCode() {
    return number == null ? System.identityHashCode(this) : Objects.hash(partition, number);
  }

  /** As EDN. */
  @Override
  public String toString() {
    return "#db/id[" + partition + (number == null ? "" : " " + number) + "]";
  }
}
