package dev.rebasis.server.internal.master;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Transaction;
import dev.rebasis.data.Unique;
import dev.rebasis.data.ValueType;
import java.time.Instant;
import java.util.Arrays;
import java.util.UUID;

/**
 * When each entity, and each value that one can be found by, was last written, to answer the commonest question about an
 * edit made long ago fast: most of what it touches nobody else has touched since, and each look into Datomic's history
 * that finds this out takes as long as a tenth of a commit.
 *
 * <p>An open-addressed table from 64-bit fingerprints to the newest T, 32 to 64 bytes an entity. When it holds a million, it
 * forgets the half that was written longest ago, and says "perhaps" about any time before. So it may say "perhaps" wrongly
 * (then the history is asked), and never says "no" wrongly. Confined.
 */
final class LastWrites {
  private static final int PLACES_FIRST = 1 << 10;
  private static final int PLACES_MAX = 1 << 21;
  private static final String OWN = "rebasis.";

  /** Says "perhaps" to everything; for values with transactions that were only tried. */
  static final LastWrites UNKNOWN = new LastWrites(Long.MAX_VALUE);

  private final int placesMax;
  private long[] fingerprints = new long[PLACES_FIRST];
  private long[] newest = new long[PLACES_FIRST];
  private int size;
  private long floorT;

  /**
   * Knows of no write yet.
   *
   * @param floorT it is not told about the transactions up to this T, so it says "perhaps" about any time before it
   */
  LastWrites(long floorT) {
    this(floorT, PLACES_MAX);
  }

  /** One that forgets when half of so many places, a power of two, are taken. */
  LastWrites(long floorT, int placesMax) {
    this.floorT = floorT;
    this.placesMax = placesMax;
  }

  /**
   * Takes note of a transaction; all after the floor have to be noted, in order.
   *
   * @param schema with the transaction
   */
  void note(Transaction transaction, Schema schema) {
    long last = transaction.tx();
    for (Datom datom : transaction.datoms()) {
      // What a transaction says about itself is as old as it is: that needs no note.
      if (datom.e() != last && datom.e() != transaction.tx()) {
        last = datom.e();
        note(ofEntity(datom.e()), transaction.t());
      }
      Attribute attribute = schema.attribute(datom.a());
      if (attribute == null || isFoundByValue(attribute)) {
        note(ofValue(datom.a(), datom.v()), transaction.t());
      }
    }
  }

  private static boolean isFoundByValue(Attribute attribute) {
    return (attribute.unique() != Unique.NONE || attribute.valueType() == ValueType.REF) && !isOwn(attribute);
  }

  /** Each transaction has an id, and no client refers to what has one. */
  private static boolean isOwn(Attribute attribute) {
    String namespace = attribute.ident().namespace();
    return namespace != null && namespace.startsWith(OWN);
  }

  private void note(long fingerprint, long t) {
    int place = place(fingerprint, fingerprints);
    if (fingerprints[place] == 0) {
      if (2 * (size + 1) > fingerprints.length) {
        if (fingerprints.length < placesMax) {
          rebuild(2 * fingerprints.length);
        } else {
          forget();
        }
        place = place(fingerprint, fingerprints);
      }
      fingerprints[place] = fingerprint;
      size++;
    }
    newest[place] = t;
  }

  /** Forgets the older half, and all else that was written in the newest transaction of that half. */
  private void forget() {
    long[] ts = Arrays.stream(newest).filter(t -> t > 0).sorted().toArray();
    floorT = Math.max(floorT, ts[ts.length / 2]);
    rebuild(fingerprints.length);
  }

  /** Takes what is not forgotten over into new tables. */
  private void rebuild(int length) {
    long[] from = fingerprints;
    long[] fromNewest = newest;
    fingerprints = new long[length];
    newest = new long[length];
    size = 0;
    for (int i = 0; i < from.length; i++) {
      if (from[i] != 0 && fromNewest[i] > floorT) {
        int place = place(from[i], fingerprints);
        fingerprints[place] = from[i];
        newest[place] = fromNewest[i];
        size++;
      }
    }
  }

  /** False if the entity was certainly not written after the T. */
  boolean mayHaveChanged(long e, long sinceT) {
    return isAfter(ofEntity(e), sinceT) || EntityIds.isTx(e) && EntityIds.tOf(e) > sinceT;
  }

  /**
   * False if certainly no entity got or lost this value of a unique attribute, or of a reference, after the T.
   * An attribute that was altered since may have become unique when it had the value already.
   *
   * @param attribute as it is now
   */
  boolean mayHaveChanged(Attribute attribute, Object v, long sinceT) {
    return isOwn(attribute) || mayHaveChanged(attribute.id(), sinceT) || isAfter(ofValue(attribute.id(), v), sinceT);
  }

  private boolean isAfter(long fingerprint, long sinceT) {
    // An empty place has T 0.
    return sinceT < floorT || newest[place(fingerprint, fingerprints)] > sinceT;
  }

  /** Where it stands, or is to stand. */
  private static int place(long fingerprint, long[] in) {
    int place = (int) (fingerprint >>> 32) & (in.length - 1);
    while (in[place] != 0 && in[place] != fingerprint) {
      place = (place + 1) & (in.length - 1);
    }
    return place;
  }

  private static long ofEntity(long e) {
    return mixed(e * 0x9E3779B97F4A7C15L);
  }

  private static long ofValue(long a, Object v) {
    return mixed(mixed(a + 1) + hashOfValue(v) * 0x632BE59BD9B4E019L);
  }

  /** Never 0, which means empty. */
  private static long mixed(long bits) {
    long mixed = (bits ^ (bits >>> 32)) * 0xD6E8FEB86659FD93L;
    mixed = (mixed ^ (mixed >>> 32)) * 0xD6E8FEB86659FD93L;
    mixed ^= mixed >>> 32;
    return mixed == 0 ? 1 : mixed;
  }

  /** The same for all that Datomic compares as equal; one for all values of types where that is not what Java says. */
  private static int hashOfValue(Object v) {
    return v instanceof String || v instanceof Long || v instanceof UUID || v instanceof Keyword || v instanceof Instant
        ? v.hashCode() : 1;
  }
}
