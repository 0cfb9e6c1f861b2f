package dev.rebasis.client.internal.query;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.rebasis.client.internal.db.DatomSource;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Unique;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;

/**
 * What the planner assumes about the spread of an attribute's facts. It is sampled from the first facts of the attribute
 * and kept until their number has doubled; a wrong figure costs time, never a wrong answer. Thread-safe.
 */
final class Statistics {
  private static final int SAMPLE_DATOMS = 64;
  private static final int SAMPLE_VALUES = 8;
  private static final int CACHED_MAX = 10_000;

  /**
   * How many facts an attribute has on average.
   *
   * @param perEntity for one entity that has it
   * @param perValue for one value that occurs
   */
  record Spread(double perEntity, double perValue) {}

  private static final Spread NOTHING_KNOWN = new Spread(1, 1);

  private record Key(Attribute attribute, int magnitude) {}

  private final Cache<Key, Spread> spreads =
      Caffeine.newBuilder().maximumSize(CACHED_MAX).executor(Runnable::run).build();

  /**
   * The spread of an attribute.
   *
   * @param count how many facts it has
   */
  Spread spread(DatomSource datoms, Attribute attribute, double count) {
    Key key = new Key(attribute, Math.getExponent(count + 1));
    Spread known = spreads.getIfPresent(key);
    if (known != null) {
      return known;
    }
    // Not in one step with the cache, which would make others wait; of what a view leaves out, all views know the same.
    Spread sampled = sample(datoms.unfiltered(), attribute, count);
    if (sampled == null) {
      return NOTHING_KNOWN;
    }
    spreads.put(key, sampled);
    return sampled;
  }

  /** Null if there are no facts. */
  private static Spread sample(DatomSource datoms, Attribute attribute, double count) {
    Set<Long> entities = new HashSet<>();
    Set<Object> values = new HashSet<>();
    int sampled = 0;
    Iterator<Datom> iterator = datoms.datoms(IndexOrder.AEVT, attribute.id()).iterator();
    while (sampled < SAMPLE_DATOMS && iterator.hasNext()) {
      Datom datom = iterator.next();
      entities.add(datom.e());
      values.add(datom.v());
      sampled++;
    }
    if (sampled == 0) {
      return null;
    }
    double perEntity = attribute.isMany() ? (double) sampled / entities.size() : 1;
    return new Spread(perEntity, perValue(datoms, attribute, count, values, sampled));
  }

  private static double perValue(
      DatomSource datoms, Attribute attribute, double count, Set<Object> values, int sampled) {
    if (attribute.unique() != Unique.NONE) {
      return 1;
    }
    if (Access.isIndexed(attribute)) {
      return averageEstimate(datoms, attribute, values);
    }
    // The more repetitions in the sample, the fewer further values are expected outside it.
    double share = (double) values.size() / sampled;
    double distinct = values.size() * Math.pow(Math.max(1, count / sampled), share * share);
    return Math.max(1, count / distinct);
  }

  private static double averageEstimate(DatomSource datoms, Attribute attribute, Set<Object> values) {
    double sum = 0;
    int taken = 0;
    for (Object value : values) {
      sum += attribute.isRef()
          ? datoms.estimate(IndexOrder.VAET, value, attribute.id())
          : datoms.estimate(IndexOrder.AVET, attribute.id(), value);
      if (++taken == SAMPLE_VALUES) {
        break;
      }
    }
    return Math.max(1, sum / taken);
  }
}
