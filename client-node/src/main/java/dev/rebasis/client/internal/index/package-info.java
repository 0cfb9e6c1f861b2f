/**
 * The client's index: the confirmed datoms in four orders, current and past, as sorted maps of H2's MVStore. A view of
 * the log that can be made again at any time. Internal: public only because other packages of the client use it.
 *
 * <p>Lives here: how datoms lie in pages, how confirmed transactions are applied, which of them wait beside the trees, snapshots
 * and how long they are kept.
 * May not live here: pending transactions, queries, clocks, threads.
 */
package dev.rebasis.client.internal.index;
