/**
 * The master database: what decides and commits, the durable log behind it, and reading from it.
 *
 * <p>Lives here: {@link dev.rebasis.server.internal.master.Master}, the embedded one over {@code datomic:mem}, and the one over a
 * Datomic database that several nodes share.
 * May not live here: sessions, sockets, clocks and threads of its own. Not API.
 */
package dev.rebasis.server.internal.master;
