package dev.rebasis.digest;

import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.SystemIds;
import dev.rebasis.protocol.AttributeDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
 * <p>The part of the sums that is of transaction entities is kept besides: whoever holds a part of the database has only
 * some of these, so that it compares {@link #withoutTransactions}.
 *
 * <p>Confined: one caller at a time.
 */
public final class Digest {
  /** The T of the first transaction of a database. */
  public static final long FIRST_T = 1000;

  private static final HexFormat HEX = HexFormat.of();

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

    private void add(long moreHigh, long moreLow) {
      datoms++;
      low += moreLow;
      high += moreHigh + (Long.compareUnsigned(low, moreLow) < 0 ? 1 : 0);
    }

    private void subtract(long lessHigh, long lessLow) {
      datoms--;
      high -= lessHigh + (Long.compareUnsigned(low, lessLow) < 0 ? 1 : 0);
      low -= lessLow;
    }

    private void subtract(Sum less) {
      long datomsLeft = datoms - less.datoms;
      subtract(less.high, less.low);
      datoms = datomsLeft;
    }

    private boolean isNothing() {
      return datoms == 0 && high == 0 && low == 0;
    }
  }

  private final ValueHash hash = new ValueHash();
  private final Map<Long, Sum> sums;
  /** The part of them that is of transaction entities. */
  private final Map<Long, Sum> ofTransactions;

  /** The digest of no datom. */
  public Digest() {
    this(new TreeMap<>(), new TreeMap<>());
  }

  private Digest(Map<Long, Sum> sums, Map<Long, Sum> ofTransactions) {
    this.sums = sums;
    this.ofTransactions = ofTransactions;
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
    change(sums, datom.a(), high, low, sign);
    if (EntityIds.isTx(datom.e())) {
      change(ofTransactions, datom.a(), high, low, sign);
    }
  }

  private static void change(Map<Long, Sum> sums, long attribute, long high, long low, int sign) {
    Sum sum = sums.computeIfAbsent(attribute, a -> new Sum());
    if (sign > 0) {
      sum.add(high, low);
    } else {
      sum.subtract(high, low);
    }
    if (sum.isNothing()) {
      sums.remove(attribute);
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
    return new AttributeDigest(a, sum.datoms, HEX.toHexDigits(sum.high) + HEX.toHexDigits(sum.low));
  }

  /** What an attribute's digest was at some moment, to go back to with {@link #reset}. Immutable. */
  public static final class Mark {
    private final long a;
    private final Sum all;
    private final Sum ofTransactions;

    private Mark(long a, Sum all, Sum ofTransactions) {
      this.a = a;
      this.all = all;
      this.ofTransactions = ofTransactions;
    }
  }

  /** Remembers the digest of one attribute; cheaper than {@link #attribute}, since nothing is written as text. */
  public Mark mark(long a) {
    return new Mark(a, sums.getOrDefault(a, new Sum()).copy(), ofTransactions.getOrDefault(a, new Sum()).copy());
  }

  /** Sets the digest of one attribute to what it was. */
  public void reset(Mark mark) {
    put(sums, mark.a, mark.all.copy());
    put(ofTransactions, mark.a, mark.ofTransactions.copy());
  }

  /** The digests of all attributes that have current datoms, by rising entity id. */
  public List<AttributeDigest> attributes() {
    List<AttributeDigest> all = new ArrayList<>(sums.size());
    sums.keySet().forEach(a -> all.add(attribute(a)));
    return all;
  }

  /** Sets the digest of one attribute. */
  public void put(AttributeDigest attribute) {
    put(sums, attribute);
  }

  /** The part of {@link #attributes()} that is of transaction entities. */
  public List<AttributeDigest> transactions() {
    return new Digest(ofTransactions, Map.of()).attributes();
  }

  /** Sets the part of one attribute's digest that is of transaction entities. */
  public void putTransactions(AttributeDigest attribute) {
    put(ofTransactions, attribute);
  }

  private static void put(Map<Long, Sum> sums, AttributeDigest attribute) {
    Sum sum = new Sum();
    sum.datoms = attribute.datoms();
    sum.high = Long.parseUnsignedLong(attribute.sum().substring(0, 16), 16);
    sum.low = Long.parseUnsignedLong(attribute.sum().substring(16), 16);
    put(sums, attribute.a(), sum);
  }

  private static void put(Map<Long, Sum> sums, long a, Sum sum) {
    if (sum.isNothing()) {
      sums.remove(a);
    } else {
      sums.put(a, sum);
    }
  }

  /** A digest of its own that is the same now. */
  public Digest copy() {
    return new Digest(copy(sums), copy(ofTransactions));
  }

  private static Map<Long, Sum> copy(Map<Long, Sum> sums) {
    Map<Long, Sum> copied = new TreeMap<>();
    sums.forEach((a, sum) -> copied.put(a, sum.copy()));
    return copied;
  }

  /** How many datoms it is of that are not of a transaction entity. */
  public long datomsOutsideTransactions() {
    return datomsOutsideTransactions(Set.of());
  }

  /**
   * How many datoms it is of that are not of a transaction entity.
   *
   * @param except ids of attributes that are not counted
   */
  public long datomsOutsideTransactions(Set<Long> except) {
    return datoms(sums, except) - datoms(ofTransactions, except);
  }

  private static long datoms(Map<Long, Sum> sums, Set<Long> except) {
    return sums.entrySet().stream().filter(entry -> !except.contains(entry.getKey())).mapToLong(entry -> entry.getValue().datoms).sum();
  }

  /** A digest of its own of what is not of a transaction entity. */
  public Digest withoutTransactions() {
    Map<Long, Sum> others = copy(sums);
    ofTransactions.forEach((a, part) -> {
      Sum sum = others.computeIfAbsent(a, any -> new Sum());
      sum.subtract(part);
      if (sum.isNothing()) {
        others.remove(a);
      }
    });
    return new Digest(others, new TreeMap<>());
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
