package dev.rebasis.client.conform;

import dev.rebasis.client.conform.Pair.Difference;
import dev.rebasis.client.conform.Pair.Kind;
import dev.rebasis.client.conform.Side.Outcome;
import dev.rebasis.data.Datom;
import dev.rebasis.data.SystemIds;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Tells which ids of one side are which of the other, from what the same transaction did on both. Pure functions. */
final class Matching {
  private Matching() {}

  /** Adds to the ids what the outcomes tell, and says how they differ. */
  static Difference difference(Outcome mine, Outcome expected, Map<Long, Long> ids) {
    for (Map.Entry<String, Long> tempid : mine.tempids().entrySet()) {
      Long his = expected.tempids().get(tempid.getKey());
      if (his != null && tempid.getValue() < 0) {
        ids.putIfAbsent(tempid.getValue(), his);
      }
      if (his != null && !his.equals(ids.getOrDefault(tempid.getValue(), tempid.getValue()))) {
        return new Difference(Kind.DATOMS, "The tempid " + tempid.getKey() + " is " + his + " in Datomic, and "
            + tempid.getValue() + " here, which is " + ids.get(tempid.getValue()));
      }
    }
    matchUnnamed(mine, expected, ids, true);
    matchUnnamed(mine, expected, ids, false);
    Canonical translated = new Canonical(ids);
    Set<Object> his = new HashSet<>();
    expected.datoms().stream().filter(Matching::isCompared).forEach(datom -> his.add(new Canonical(Map.of()).of(datom)));
    Set<Object> here = new HashSet<>();
    mine.datoms().stream().filter(Matching::isCompared).forEach(datom -> here.add(translated.of(datom)));
    return his.equals(here) ? null : new Difference(Kind.DATOMS, "Only in Datomic: " + without(his, here)
        + "\nonly here: " + without(here, his));
  }

  private static Set<Object> without(Set<Object> all, Set<Object> others) {
    Set<Object> rest = new LinkedHashSet<>(all);
    rest.removeAll(others);
    return rest;
  }

  // Instants are the server's; an alteration is noted again in Datomic although it stands already.
  private static boolean isCompared(Datom datom) {
    return datom.a() != SystemIds.DB_TX_INSTANT && datom.a() != SystemIds.DB_ALTER_ATTRIBUTE;
  }

  /** Entities without a tempid are numbered on both sides in the order of the forms, attributes for themselves. */
  private static void matchUnnamed(Outcome mine, Outcome expected, Map<Long, Long> ids, boolean attributes) {
    Set<Long> here = new TreeSet<>(Comparator.reverseOrder());
    entities(mine, attributes).stream().filter(e -> e < 0 && !ids.containsKey(e)).forEach(here::add);
    Set<Long> there = new TreeSet<>(entities(expected, attributes));
    there.removeAll(new HashSet<>(ids.values()));
    there.removeAll(entities(mine, attributes));
    if (here.size() == there.size()) {
      List<Long> inOrder = new ArrayList<>(there);
      here.forEach(e -> ids.put(e, inOrder.remove(0)));
    }
  }

  private static Set<Long> entities(Outcome outcome, boolean attributes) {
    Set<Long> installed = new HashSet<>();
    outcome.datoms().stream().filter(d -> d.a() == SystemIds.DB_VALUE_TYPE).forEach(d -> installed.add(d.e()));
    Set<Long> all = new HashSet<>();
    outcome.datoms().stream().map(Datom::e).filter(e -> installed.contains(e) == attributes).forEach(all::add);
    return all;
  }
}
