/**
 * Client sessions as a state machine without I/O: messages in, messages out, nothing else.
 *
 * <p>Lives here: {@link dev.rebasis.server.internal.session.ServerMachine} and its sessions. May not live here:
 * sockets, codecs, clocks, threads, and what is decided about a push. Not API.
 */
package dev.rebasis.server.internal.session;
