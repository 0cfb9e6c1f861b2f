package dev.rebasis.server.internal.master;

import dev.rebasis.data.Transaction;

/**
 * What a client that stands at an old T lacks, without what has come and gone meanwhile. Immutable; may be read by any
 * thread while the master goes on.
 *
 * <p>The transactions hold, at their own Ts and in order, the assertions that are still current at the last T, the
 * retractions of what was current at the old T, and all changes of the schema. Whoever stands at the old T and applies
 * them all has the current datoms of the last T, each with the transaction that asserted it. What lies between is no
 * state that the database ever had.
 *
 * <p>Whoever stops half-way may go on from there with another {@code Missing} that begins at the newest T that it has:
 * this one may then hold retractions of what was left out before, which change nothing.
 *
 * @param afterT the old T, 0 for all
 * @param t the last T
 * @param datomsMax at most how many datoms the transactions have
 * @param transactions by rising T, made while they are read; empty if there are none
 */
public record Missing(long afterT, long t, long datomsMax, Iterable<Transaction> transactions) {}
