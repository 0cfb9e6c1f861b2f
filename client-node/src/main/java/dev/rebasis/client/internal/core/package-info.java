/**
 * Binds the parts of a client: the state machine, the optimistic view, the index and the log; who may touch what, and
 * in which order. See docs/concurrency.md.
 *
 * <p>Lives here: locks, the order of steps, the implementation of the public API. May not live here: clocks, random
 * sources, threads and sockets, which come in through {@link dev.rebasis.client.internal.core.ClientEnvironment}.
 */
package dev.rebasis.client.internal.core;
