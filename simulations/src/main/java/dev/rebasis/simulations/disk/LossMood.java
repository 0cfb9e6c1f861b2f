package dev.rebasis.simulations.disk;

import java.util.random.RandomGenerator;

/**
 * How one file fares in one loss of power. A mood is drawn first, and what is lost within it after: coins of equal weight
 * for every write would almost never give the cases that matter most, such as "all but the last" or "only the last".
 * Confined to one loss of power.
 */
final class LossMood {

  private enum Kind {
    /** Everything was on its way to the disk already. */
    ALL,
    /** Nothing was. */
    NONE,
    /** The first so many, the next one torn. */
    PREFIX,
    /** The first so many are lost, the later ones survive: what reordering looks like at its worst. */
    SUFFIX,
    /** Each write wholly or not at all. */
    EACH,
    /** Each sector of each write. */
    SECTORS,
    /** All survive but one, which is torn. */
    ONE_TORN
  }

  private final RandomGenerator random;
  private final Kind kind;
  private final int at;
  private final double share;

  private LossMood(RandomGenerator random, Kind kind, int at, double share) {
    this.random = random;
    this.kind = kind;
    this.at = at;
    this.share = share;
  }

  static LossMood draw(RandomGenerator random, int changes) {
    Kind[] kinds = Kind.values();
    Kind kind = kinds[random.nextInt(kinds.length)];
    int at = changes == 0 ? 0 : random.nextInt(changes + 1);
    return new LossMood(random, kind, at, random.nextDouble());
  }

  /** Whether the {@code i}-th change survives as a whole. */
  boolean keeps(int i) {
    return switch (kind) {
      case ALL -> true;
      case NONE -> false;
      case PREFIX -> i < at;
      case SUFFIX -> i >= at;
      case EACH, SECTORS -> random.nextDouble() < share;
      case ONE_TORN -> i != at;
    };
  }

  /** Does to the durable image what survives of the {@code i}-th change, a write. */
  void write(int i, Sectors durable, int position, byte[] data) {
    boolean torn = kind == Kind.SECTORS || (i == at && (kind == Kind.PREFIX || kind == Kind.ONE_TORN));
    if (!torn) {
      if (keeps(i)) {
        durable.write(position, data, 0, data.length);
      }
      return;
    }
    tear(durable, position, data);
  }

  private void tear(Sectors durable, int position, byte[] data) {
    boolean prefixOnly = random.nextInt(4) == 0;
    double kept = random.nextInt(3) == 0 ? 0.9 : random.nextDouble();
    if (random.nextBoolean()) {
      // the size of the file went out before its data did
      durable.growTo(position + data.length);
    }
    int from = 0;
    while (from < data.length) {
      int to = Math.min(data.length, from + Sectors.BYTES - (position + from) % Sectors.BYTES);
      if (random.nextDouble() < kept) {
        durable.write(position + from, data, from, to - from);
      } else if (prefixOnly) {
        return;
      }
      from = to;
    }
  }
}
