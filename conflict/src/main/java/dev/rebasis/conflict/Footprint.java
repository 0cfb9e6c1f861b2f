package dev.rebasis.conflict;

import dev.rebasis.data.Datom;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What a transaction reads and writes, as patterns. Everything written is also read (redundancy is removed against the
 * current value). Immutable.
 *
 * <p>Whether one transaction depends on another is found with {@link #patternsOf} of the datoms of the other, compared
 * with the reads of the one. The schema is not part of the reads: whoever changes it may change every decision.
 *
 * @param reads patterns whose datoms decided what the transaction does
 * @param writes patterns in which the transaction changes datoms
 */
public record Footprint(Set<FootprintKey> reads, Set<FootprintKey> writes) {
  /** Touches nothing. */
  public static final Footprint EMPTY = new Footprint(Set.of(), Set.of());

  /** Copies the sets. */
  public Footprint {
    reads = Set.copyOf(reads);
    writes = Set.copyOf(writes);
  }

  /**
   * Names every pattern that a changed datom falls under: a footprint meets the datom if and only if it holds one of
   * them.
   *
   * @param datom a datom that was asserted or retracted
   * @param isRef whether its attribute's values are entities
   * @param keys receives four or five patterns
   */
  public static void patternsOf(Datom datom, boolean isRef, Consumer<FootprintKey> keys) {
    keys.accept(new FootprintKey.EntityAttribute(datom.e(), datom.a()));
    keys.accept(new FootprintKey.Entity(datom.e()));
    keys.accept(new FootprintKey.AttributeOnly(datom.a()));
    keys.accept(new FootprintKey.AttributeValue(datom.a(), datom.v()));
    if (isRef) {
      keys.accept(new FootprintKey.Reference((Long) datom.v()));
    }
  }
}
