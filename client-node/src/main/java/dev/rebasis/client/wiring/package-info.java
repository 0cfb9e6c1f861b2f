/**
 * Where a client meets the system: clocks, random numbers, threads and sockets.
 *
 * <p>Lives here: the production {@link dev.rebasis.client.internal.core.ClientEnvironment}, and the filling of a store from a
 * file, which needs a thread. May not live here: any
 * decision about syncing, storing or the data.
 */
package dev.rebasis.client.wiring;
