/**
 * Plans played with real processes: a server and clients in JVMs of their own, real sockets through a proxy that
 * misbehaves, {@code kill -9}; afterwards the checks of package {@code check} on the logs that they left.
 *
 * <p>May not live here: how processes are started ({@code process}), what is promised ({@code check}).
 */
package dev.rebasis.simulations.real;
