/**
 * A world in which real clients and a real server run on one thread, in virtual time, over a virtual network.
 *
 * <p>Lives here: time, network, randomness and the life of nodes. May not live here: how a scenario or a workload is
 * written, and what is checked afterwards.
 */
package dev.rebasis.simulations.world;
