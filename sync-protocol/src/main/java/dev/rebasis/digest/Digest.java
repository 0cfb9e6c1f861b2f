package dev.rebasis.digest;

import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.SystemIds;
import dev.rebasis.protocol.AttributeDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A digest of the current datoms of a database, attribute by attribute: how many there are, and the sum of their
 * hashes. The hash of a datom is the first 128 bits of SHA-256 over its entity, attribute, T and value (see
 * {@link ValueHash}); the sum is modulo 2^128, so that the order does not matter and a datom that leaves is simply
 * subtracted. This finds faults and damage; it is no proof against somebody who makes up datoms to fit (see Wagner, "A
 * Generalized Birthday Problem", 2002).
 *
 * <p>Not counted are datoms of T below {@value #FIRST_T}, with which every database begins, those of {@code :db/fn},
 * which are never sent, and those of entity 0, Datomic's own registers of attributes, which it asserts again and again.
 *
 * <p>Confined: one caller at a time.
 */
public final class Digest {
  /** The T of the first transaction of a database. */
  public static final long FIRST_T = 1000;

  private static final class Sum {
    private long datoms;
    private long high;
    private long low;

    private Sum copy() {
      Sum copy = new Sum();
      copy.datoms = datoms;
      copy.high = high;
      copy.low = low;
      return copy;
    }
  }

  private final ValueHash hash = new ValueHash();
  private final Map<Long, Sum> sums;

  /** The digest of no datom. */
  public Digest() {
    this(new TreeMap<>());
  }

  private Digest(Map<Long, Sum> sums) {
    this.sums = sums;
  }

  /** The digest of these attributes, as {@link #attributes()} gave them. */
  public static Digest of(Iterable<AttributeDigest> attributes) {
    Digest digest = new Digest();
    attributes.forEach(digest::put);
    return digest;
  }

  /** Whether a datom is counted. */
  public static boolean counts(Datom datom) {
    return datom.e() != 0 && datom.a() != SystemIds.DB_FN && EntityIds.tOf(datom.tx()) >= FIRST_T;
  }

  /**
   * A datom has become current.
   *
   * @param datom as it was asserted, with its transaction; passed over if it does not count
   */
  public void add(Datom datom) {
    if (counts(datom)) {
      change(datom, 1);
    }
  }

  /**
   * A datom is no longer current.
   *
   * @param datom as it was asserted, with the transaction that asserted it; passed over if it does not count
   */
  public void remove(Datom datom) {
    if (counts(datom)) {
      change(datom, -1);
    }
  }

  private void change(Datom datom, int sign) {
    hash.number(datom.e());
    hash.number(datom.a());
    hash.number(datom.t());
    hash.value(datom.v());
    byte[] bytes = hash.finish();
    long high = longAt(bytes, 0);
    long low = longAt(bytes, 8);
    Sum sum = sums.computeIfAbsent(datom.a(), a -> new Sum());
    sum.datoms += sign;
    if (sign > 0) {
      sum.low += low;
      sum.high += high + (Long.compareUnsigned(sum.low, low) < 0 ? 1 : 0);
    } else {
      sum.high -= high + (Long.compareUnsigned(sum.low, low) < 0 ? 1 : 0);
      sum.low -= low;
    }
    if (sum.datoms == 0 && sum.high == 0 && sum.low == 0) {
      sums.remove(datom.a());
    }
  }

  private static long longAt(byte[] bytes, int from) {
    long value = 0;
    for (int i = from; i < from + 8; i++) {
      value = value << 8 | bytes[i] & 0xFF;
    }
    return value;
  }

  /** The digest of one attribute. */
  public AttributeDigest attribute(long a) {
    Sum sum = sums.getOrDefault(a, new Sum());
    return new AttributeDigest(a, sum.datoms, String.format("%016x%016x", sum.high, sum.low));
  }

  /** The digests of all attributes that have current datoms, by rising entity id. */
  public List<AttributeDigest> attributes() {
    List<AttributeDigest> all = new ArrayList<>(sums.size());
    sums.keySet().forEach(a -> all.add(attribute(a)));
    return all;
  }

  /** Sets the digest of one attribute. */
  public void put(AttributeDigest attribute) {
    Sum sum = new Sum();
    sum.datoms = attribute.datoms();
    sum.high = Long.parseUnsignedLong(attribute.sum().substring(0, 16), 16);
    sum.low = Long.parseUnsignedLong(attribute.sum().substring(16), 16);
    if (sum.datoms == 0 && sum.high == 0 && sum.low == 0) {
      sums.remove(attribute.a());
    } else {
      sums.put(attribute.a(), sum);
    }
  }

  /** A digest of its own that is the same now. */
  public Digest copy() {
    Map<Long, Sum> copied = new TreeMap<>();
    sums.forEach((a, sum) -> copied.put(a, sum.copy()));
    return new Digest(copied);
  }

  /** The digests here of the attributes for which another digest says something else, by rising entity id. */
  public List<AttributeDigest> differences(Digest other) {
    TreeMap<Long, Sum> all = new TreeMap<>(sums);
    all.putAll(other.sums);
    List<AttributeDigest> different = new ArrayList<>();
    for (long a : all.keySet()) {
      AttributeDigest here = attribute(a);
      if (!here.equals(other.attribute(a))) {
        different.add(here);
      }
    }
    return different;
  }

  /** How many datoms are counted. */
  public long datoms() {
    return sums.values().stream().mapToLong(sum -> sum.datoms).sum();
  }
}
