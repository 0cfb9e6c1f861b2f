package dev.rebasis.simulations.sim;

import dev.rebasis.simulations.disk.SimDisk;
import dev.rebasis.simulations.world.World;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The disks of a world's nodes: how much fits on them, and which of them are not to be relied on. Confined to one play. */
final class Disks {
  private final World world;
  private final Map<String, Long> space = new HashMap<>();
  private final Set<String> bad = new HashSet<>();
  private final Map<String, Long> fullBefore = new HashMap<>();

  Disks(World world) {
    this.world = world;
  }

  SimDisk of(String node) {
    return node.equals(Step.SERVER) ? world.server().disk() : world.client(node).disk();
  }

  /** From now on so many bytes more fit on a node's disk; negative for as many as it likes. */
  void limitSpace(String node, long bytes) {
    if (bytes < 0) {
      space.remove(node);
      of(node).faults().capacityBytes(Long.MAX_VALUE);
    } else {
      space.put(node, of(node).usedBytes() + bytes);
      limitSpace(node);
    }
  }

  /** A restart does not make room. */
  void limitSpace(String node) {
    if (space.containsKey(node)) {
      of(node).faults().capacityBytes(space.get(node));
    }
  }

  /** The disk is a good one again; what is planned does not happen. */
  void mend(String node) {
    space.remove(node);
    begins(node);
    of(node).faults().clear();
  }

  /** A program begins a life: what failed under the one before is no excuse for it. */
  void begins(String node) {
    bad.remove(node);
    fullBefore.put(node, of(node).faults().refusedForSpace());
  }

  /** An operation fails as a plan wants it, or its program is killed in the middle of one. */
  void spoil(String node) {
    bad.add(node);
  }

  /** Whether something on this node's disk has failed since its program began, or it was mended last, and a plan wanted it so. */
  boolean isBad(String node) {
    return bad.contains(node) || of(node).faults().refusedForSpace() > fullBefore.getOrDefault(node, 0L);
  }
}
