package dev.rebasis.simulations.sim;

import dev.rebasis.simulations.disk.SimDisk;
import dev.rebasis.simulations.world.ClientNode;
import dev.rebasis.simulations.world.Tap;

/**
 * What a test breaks on purpose, to see whether the checkers notice: it sits on the lines, before anything is noted of a
 * message, and gets its hands on the disks. Nothing in production code gives one.
 */
interface Sabotage extends Tap {
  /** Breaks nothing. */
  Sabotage NONE = new Sabotage() { };

  /** A node is about to start on its disk. */
  default void disk(String node, SimDisk disk) { }

  /** A client has opened its store. */
  default void client(ClientNode client) { }
}
