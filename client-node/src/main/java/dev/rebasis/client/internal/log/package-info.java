/**
 * The client's log: the one truth of a store, in an H2 database that any JDBC tool can read. Internal: public only
 * because other packages of the client use it.
 *
 * <p>Lives here: where the files are, who holds them, tables, and how entries become rows. May not live here: what the
 * entries mean for a database value, clocks, threads.
 */
package dev.rebasis.client.internal.log;
