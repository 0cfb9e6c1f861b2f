package dev.rebasis.simulations.world;

import java.util.Random;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * All that is random in a world, from one seed. Each user of it gets a stream of its own, named, so that one that draws
 * more does not change what another draws. Confined.
 */
public final class Randomness {
  private final long seed;

  /** Makes the randomness of a seed. */
  public Randomness(long seed) {
    this.seed = seed;
  }

  /** A new stream; the same name gives the same numbers. */
  public Random stream(String name) {
    return new Random(seed * 31 + name.hashCode());
  }

  /** Random ids (version 4) from a stream of this name. */
  public Supplier<UUID> uuids(String name) {
    Random random = stream(name);
    return () -> new UUID(
        random.nextLong() & ~0xF000L | 0x4000L, random.nextLong() & ~(0xC0L << 56) | 0x80L << 56);
  }
}
