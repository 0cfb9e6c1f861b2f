/**
 * Parts of the database: which entities a scope or a read rule has, and how that changes with each transaction.
 *
 * <p>Lives here: {@link dev.rebasis.server.internal.scope.ScopeState} and what it is made of. Works on Datomic's values
 * and keeps them current; knows nothing of sessions. May not live here: I/O, clocks, threads. Not API.
 */
package dev.rebasis.server.internal.scope;
