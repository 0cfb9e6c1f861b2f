/**
 * The command {@code rebasis demo}: a server and two clients in processes of their own edit real facts offline, are
 * killed, reconnect, and are checked datom by datom.
 *
 * <p>Lives here: the story, its data, its checks. May not live here: anything that the product needs.
 */
package dev.rebasis.simulations.demo;
