/**
 * The client's public API: open a {@code SyncClient}, transact, query immutable {@link dev.rebasis.client.Database}
 * values, and learn what became of each transaction.
 *
 * <p>Lives here: what a program uses. May not live here: how it is done; see the {@code internal} packages, which are
 * no API, and {@code wiring}, which alone touches clock, threads, sockets and random sources.
 */
package dev.rebasis.client;
