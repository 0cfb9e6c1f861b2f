/**
 * What Rebasis promises, and whether it held: checkers that compare what programs were told, while a simulation ran,
 * with what the server's log and the clients hold. They know nothing of how client and server work inside.
 *
 * <p>May not live here: anything that makes things happen.
 */
package dev.rebasis.simulations.check;
