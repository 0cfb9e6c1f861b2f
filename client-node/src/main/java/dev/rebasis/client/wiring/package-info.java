/**
 * Where a client meets the system: clocks, random numbers, threads and sockets.
 *
 * <p>Lives here: the production {@link dev.rebasis.client.internal.core.ClientEnvironment}. May not live here: any
 * decision about syncing, storing or the data.
 */
package dev.rebasis.client.wiring;
