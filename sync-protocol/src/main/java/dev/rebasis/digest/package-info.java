/**
 * Digests by which two sides see that they hold the same datoms.
 *
 * <p>Lives here: hashes of values and sums of them. May not live here: storage, messages, or when to compare.
 */
package dev.rebasis.digest;
