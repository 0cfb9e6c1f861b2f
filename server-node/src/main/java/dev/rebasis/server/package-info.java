/**
 * The server: a master database and its clients' sessions behind a socket.
 *
 * <p>Lives here: what a program needs to run a server, {@link dev.rebasis.server.RebasisServer}. May not live here: how
 * it works, which is in {@code internal} packages, and what touches sockets, threads and clocks, which is in
 * {@code wiring}.
 */
package dev.rebasis.server;
