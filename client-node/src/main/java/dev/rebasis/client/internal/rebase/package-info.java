/**
 * The optimistic view: confirmed datoms with the pending transactions on top, kept up to date at a cost that does not
 * depend on how many are pending.
 *
 * <p>Lives here: which pending transactions an arriving batch meets, and deciding those anew. May not live here: how
 * transactions are stored, sent or reported; locks and threads (all mutable state here is confined to its owner).
 */
package dev.rebasis.client.internal.rebase;
