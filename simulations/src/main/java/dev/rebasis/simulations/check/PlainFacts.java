package dev.rebasis.simulations.check;

import dev.rebasis.conflict.FactView;
import dev.rebasis.conflict.RemoteChanges;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Bootstrap;
import dev.rebasis.data.Datom;
import dev.rebasis.data.DatomOrder;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Transaction;
import dev.rebasis.data.Values;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A database that grows transaction by transaction, kept in plain maps: what the reference decision is made on. It shares
 * neither index nor history with client or server. Confined.
 */
final class PlainFacts implements FactView {
  private record Fact(long e, long a, Object v) {}

  private final Map<Fact, Datom> facts = new HashMap<>();
  private final Map<Long, Set<Datom>> byEntity = new HashMap<>();
  private final Map<Long, Set<Datom>> byAttribute = new HashMap<>();
  private final Map<Object, Set<Datom>> byReference = new HashMap<>();
  private final Map<Long, List<Datom>> history = new HashMap<>();
  private final Set<Long> everUsed = new HashSet<>();
  private final Map<Long, Long> clients = new HashMap<>();
  private final List<Transaction> added = new ArrayList<>();
  private Schema schema = Bootstrap.schema();

  PlainFacts() {
    Bootstrap.datomsByT().forEach(this::add);
  }

  /**
   * Adds the next transaction.
   *
   * @param client the number of the client that made it, 0 if none did
   */
  void add(Transaction transaction, long client) {
    added.add(transaction);
    clients.put(transaction.tx(), client);
    List<Datom> datoms = new ArrayList<>(transaction.datoms());
    datoms.sort(Comparator.comparing(Datom::added));
    datoms.forEach(this::add);
    schema = schema.with(transaction.datoms());
  }

  /** The same facts, to go on with in another way. */
  PlainFacts copy() {
    PlainFacts copy = new PlainFacts();
    added.forEach(transaction -> copy.add(transaction, clients.get(transaction.tx())));
    return copy;
  }

  /** Whether an attribute ever had a value, be it gone. */
  boolean everHad(long a) {
    return everUsed.contains(a);
  }

  private void add(Datom datom) {
    history.computeIfAbsent(datom.e(), e -> new ArrayList<>()).add(datom);
    everUsed.add(datom.a());
    Fact fact = new Fact(datom.e(), datom.a(), datom.v());
    if (!datom.added()) {
      Datom gone = facts.remove(fact);
      if (gone != null) {
        byEntity.get(gone.e()).remove(gone);
        byAttribute.get(gone.a()).remove(gone);
        byReference.getOrDefault(gone.v(), new HashSet<>()).remove(gone);
      }
    } else if (facts.putIfAbsent(fact, datom) == null) {
      byEntity.computeIfAbsent(datom.e(), e -> new HashSet<>()).add(datom);
      byAttribute.computeIfAbsent(datom.a(), a -> new HashSet<>()).add(datom);
      if (datom.v() instanceof Long) {
        byReference.computeIfAbsent(datom.v(), v -> new HashSet<>()).add(datom);
      }
    }
  }

  @Override
  public Schema schema() {
    return schema;
  }

  @Override
  public Iterable<Datom> datoms(IndexOrder order, Object... components) {
    Set<Datom> candidates = switch (order) {
      case EAVT -> byEntity.getOrDefault(components[0], Set.of());
      case AEVT -> byAttribute.getOrDefault(components[0], Set.of());
      case AVET -> isInAvet((Long) components[0]) ? byAttribute.getOrDefault(components[0], Set.of()) : Set.of();
      case VAET -> byReference.getOrDefault(components[0], Set.of());
    };
    List<Datom> found = new ArrayList<>();
    for (Datom datom : candidates) {
      if ((order != IndexOrder.VAET || isRef(datom.a())) && begins(order, datom, components)) {
        found.add(datom);
      }
    }
    found.sort(DatomOrder.of(order));
    return found;
  }

  private static boolean begins(IndexOrder order, Datom datom, Object[] components) {
    Object[] own = switch (order) {
      case EAVT -> new Object[] {datom.e(), datom.a(), datom.v()};
      case AEVT -> new Object[] {datom.a(), datom.e(), datom.v()};
      case AVET -> new Object[] {datom.a(), datom.v(), datom.e()};
      case VAET -> new Object[] {datom.v(), datom.a(), datom.e()};
    };
    for (int i = 0; i < components.length; i++) {
      if (Values.compareByValue(own[i], components[i]) != 0) {
        return false;
      }
    }
    return true;
  }

  private boolean isInAvet(long attribute) {
    Attribute known = schema.attribute(attribute);
    return known != null && known.isInAvet();
  }

  private boolean isRef(long attribute) {
    Attribute known = schema.attribute(attribute);
    return known != null && known.isRef();
  }

  /** What others than this client wrote after a basis T, as far as no own transaction has come on top of it. */
  RemoteChanges changesAfter(long basisT, long client) {
    return changesAfter(basisT, client, Set.of());
  }

  /**
   * The same.
   *
   * @param own transactions (their entities) under other numbers that count as this client's
   */
  RemoteChanges changesAfter(long basisT, long client, Set<Long> own) {
    return new Changes(basisT, client, own);
  }

  /** Never empty for itself: that there was nothing has to come out by looking. Valid until the next transaction. */
  private final class Changes implements RemoteChanges {
    private final long basisT;
    private final long client;
    private final Set<Long> own;

    Changes(long basisT, long client, Set<Long> own) {
      this.basisT = basisT;
      this.client = client;
      this.own = own;
    }

    @Override
    public boolean isEmpty() {
      return false;
    }

    @Override
    public List<Datom> of(long e, long a) {
      return history.getOrDefault(e, List.of()).stream()
          .filter(datom -> datom.a() == a && isAfterBase(datom)).toList();
    }

    @Override
    public List<Datom> of(long e) {
      return history.getOrDefault(e, List.of()).stream()
          .filter(this::isAfterBase)
          .sorted(Comparator.comparingLong(Datom::t).thenComparing(Datom::added).thenComparingLong(Datom::a)
              .thenComparing(Datom::v, Values::compare))
          .toList();
    }

    @Override
    public List<Datom> ofValue(long a, Object v) {
      List<Datom> found = new ArrayList<>();
      history.forEach((e, datoms) -> {
        if (datoms.stream().anyMatch(datom -> datom.a() == a && datom.v().equals(v) && datom.t() > basisT)) {
          of(e, a).stream().filter(datom -> datom.v().equals(v)).forEach(found::add);
        }
      });
      found.sort(Comparator.comparingLong(Datom::t).thenComparing(Datom::added).thenComparingLong(Datom::e));
      return found;
    }

    @Override
    public List<Object> baseValues(long e, long a) {
      List<Object> values = new ArrayList<>();
      for (Datom datom : history.getOrDefault(e, List.of())) {
        if (datom.a() == a && !isAfterBase(datom)) {
          values.remove(datom.v());
          if (datom.added()) {
            values.add(datom.v());
          }
        }
      }
      values.sort(Values::compare);
      return values;
    }

    /** Most of a long history is before the basis T already, and then the rest need not be looked at. */
    private boolean isAfterBase(Datom datom) {
      return datom.t() > basisT && datom.t() > baseT(datom);
    }

    /** The T of the client's own newest transaction in the same place, a value of a set, if it came after the basis T. */
    private long baseT(Datom place) {
      Attribute attribute = schema().attribute(place.a());
      boolean many = attribute != null && attribute.isMany();
      List<Datom> all = history.getOrDefault(place.e(), List.of());
      for (int i = all.size() - 1; i >= 0 && all.get(i).t() > basisT; i--) {
        Datom datom = all.get(i);
        if (datom.a() == place.a() && (!many || datom.v().equals(place.v()))
            && (own.contains(datom.tx()) || clients.getOrDefault(datom.tx(), 0L) == client)) {
          return datom.t();
        }
      }
      return basisT;
    }
  }
}
