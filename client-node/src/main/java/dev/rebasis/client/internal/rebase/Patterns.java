package dev.rebasis.client.internal.rebase;

import dev.rebasis.conflict.FootprintKey;
import dev.rebasis.data.Datom;
import java.util.function.LongConsumer;

/**
 * Footprint patterns as 64-bit hashes. Two patterns with one hash only make a transaction be decided anew without
 * need, so that a hash may stand for its pattern. Pure functions.
 */
final class Patterns {
  private static final long ENTITY_ATTRIBUTE = 1;
  private static final long ENTITY = 2;
  private static final long ATTRIBUTE = 3;
  private static final long ATTRIBUTE_VALUE = 4;
  private static final long REFERENCE = 5;
  private static final long LOCAL_ID = 6;

  private Patterns() {}

  /** The hash of a pattern. */
  static long of(FootprintKey key) {
    if (key instanceof FootprintKey.EntityAttribute k) {
      return mix(ENTITY_ATTRIBUTE, k.e(), k.a());
    }
    if (key instanceof FootprintKey.AttributeValue k) {
      return mix(ATTRIBUTE_VALUE, k.a(), hash(k.v()));
    }
    if (key instanceof FootprintKey.Entity k) {
      return mix(ENTITY, k.e(), 0);
    }
    if (key instanceof FootprintKey.Reference k) {
      return mix(REFERENCE, k.v(), 0);
    }
    return mix(ATTRIBUTE, ((FootprintKey.AttributeOnly) key).a(), 0);
  }

  /** The pattern "mentions this local id", which no datom falls under. */
  static long localId(long localId) {
    return mix(LOCAL_ID, localId, 0);
  }

  /**
   * The hashes of every pattern that a datom falls under; see {@link dev.rebasis.conflict.Footprint#patternsOf}. A
   * {@code Long} value counts as a reference whether or not it is one: the schema need not be asked.
   */
  static void ofDatom(Datom datom, LongConsumer hashes) {
    long e = datom.e();
    long a = datom.a();
    hashes.accept(mix(ENTITY_ATTRIBUTE, e, a));
    hashes.accept(mix(ENTITY, e, 0));
    hashes.accept(mix(ATTRIBUTE, a, 0));
    hashes.accept(mix(ATTRIBUTE_VALUE, a, hash(datom.v())));
    if (datom.v() instanceof Long v) {
      hashes.accept(mix(REFERENCE, v, 0));
    }
  }

  private static long hash(Object value) {
    return value instanceof Long l ? l : value.hashCode();
  }

  // The finaliser is that of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
  private static long mix(long kind, long x, long y) {
    long z = (x * 0x9E3779B97F4A7C15L) ^ (Long.rotateLeft(y, 32) * 0xC2B2AE3D27D4EB4FL) ^ (kind * 0x165667B19E3779F9L);
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    z ^= z >>> 31;
    return z == 0 ? 1 : z;
  }
}
