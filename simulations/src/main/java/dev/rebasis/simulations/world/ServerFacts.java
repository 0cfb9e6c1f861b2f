package dev.rebasis.simulations.world;

import dev.rebasis.data.Bootstrap;
import dev.rebasis.data.Datom;
import dev.rebasis.data.DatomOrder;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Transaction;
import dev.rebasis.server.internal.master.Master;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a server's database holds, read from its transactions in the plainest way. Immutable. */
public final class ServerFacts {
  private record Fact(long e, long a, Object v) {}

  private final List<Transaction> transactions;
  private final Schema schema;
  private final List<Datom> current;

  private ServerFacts(List<Transaction> transactions, Schema schema, List<Datom> current) {
    this.transactions = transactions;
    this.schema = schema;
    this.current = current;
  }

  /** Reads all durable transactions of a master. */
  public static ServerFacts of(Master master) {
    List<Transaction> transactions = new ArrayList<>();
    List<Transaction> more = master.transactionsAfter(0, Integer.MAX_VALUE);
    while (!more.isEmpty()) {
      transactions.addAll(more);
      more = master.transactionsAfter(more.get(more.size() - 1).t(), Integer.MAX_VALUE);
    }
    Map<Fact, Datom> facts = new LinkedHashMap<>();
    Bootstrap.datomsByT().forEach(datom -> apply(facts, datom));
    Schema schema = Bootstrap.schema();
    for (Transaction transaction : transactions) {
      transaction.datoms().forEach(datom -> apply(facts, datom));
      schema = schema.with(transaction.datoms());
    }
    List<Datom> current = new ArrayList<>(facts.values());
    current.sort(DatomOrder.of(IndexOrder.EAVT));
    return new ServerFacts(List.copyOf(transactions), schema, List.copyOf(current));
  }

  private static void apply(Map<Fact, Datom> facts, Datom datom) {
    Fact fact = new Fact(datom.e(), datom.a(), datom.v());
    if (datom.added()) {
      facts.putIfAbsent(fact, datom);
    } else {
      facts.remove(fact);
    }
  }

  /** All transactions, in the order of T. */
  public List<Transaction> transactions() {
    return transactions;
  }

  /** The schema after the last of them. */
  public Schema schema() {
    return schema;
  }

  /** All current datoms, bootstrap included, in the order of EAVT. */
  public List<Datom> current() {
    return current;
  }
}
