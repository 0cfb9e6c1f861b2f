package dev.rebasis.client;

/** What a transaction survives once {@link SyncClient#transact} has returned. */
public enum Durability {
  /**
   * A power failure: the transaction is forced to the disk first; many at once share one force. Costs a disk flush per
   * group, from a tenth of a millisecond to some ten milliseconds, as the disk may be.
   */
  POWER_LOSS,
  /**
   * The end of the process, however sudden: the transaction has been handed to the operating system. A power failure
   * may take the last ones. Costs no disk flush.
   */
  PROCESS_CRASH
}
