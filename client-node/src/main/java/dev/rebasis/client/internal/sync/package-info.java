/**
 * The client's side of a sync session as a state machine without I/O: events in, actions out.
 *
 * <p>Lives here: when to connect, what to send, what must be stored first, what the server's messages mean. May not
 * live here: clocks, threads, sockets, storage, or anything that blocks; and nothing here reads a database value.
 */
package dev.rebasis.client.internal.sync;
