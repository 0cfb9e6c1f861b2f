package dev.rebasis.client;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** A transaction of this client, from the moment it is durable here. Thread-safe: callers may share it. */
public interface Pending {
  /** The id that names it on every machine, for ever. */
  UUID id();

  /** Its place among this client's transactions, from 1; a later one once it is bound to others ({@link SyncClient#bind}) or moves with them. */
  long seq();

  /** The confirmed T that it was made on; 0 if nothing was confirmed then. */
  long basisT();

  /** The transaction as its author gave it, completed with local ids: plain data. */
  List<Object> forms();

  /**
   * What each string tempid of this transaction stands for now, as {@link #resolve} gives it; {@code "datomic.tx"} is
   * always among them.
   */
  Map<String, Long> tempids();

  /**
   * The entity that a tempid of this transaction stands for.
   *
   * @param tempid a string tempid of its forms, or {@code "datomic.tx"}
   * @return the server's id once confirmed or if the entity existed; else a local (negative) id, which stays valid for
   *     ever wherever an entity stands
   * @throws dev.rebasis.error.RebasisException if the transaction has no such tempid
   */
  long resolve(String tempid);

  /**
   * Completes when the server has decided and the decision is part of {@link SyncClient#db()}. Fails if the client is
   * closed before; the transaction then stays pending in its store. Callbacks run on the client's notification thread
   * and should be short.
   */
  CompletableFuture<Outcome> outcome();
}
