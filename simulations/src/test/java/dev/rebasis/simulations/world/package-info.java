/** Tests of what a simulated world is made of. */
package dev.rebasis.simulations.world;
