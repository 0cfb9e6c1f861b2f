package dev.rebasis.simulations.sim;

import dev.rebasis.data.Datom;
import dev.rebasis.data.Transaction;
import dev.rebasis.protocol.Message;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A server that tells clients with scopes more than these hold: datoms that it has told the first client, which holds
 * everything, and which are none of theirs. Confined.
 */
final class LeakyServer implements Sabotage {
  private static final String WHOLE = "c1";

  private final Predicate<Datom> isLeaked;
  private final Map<Long, List<Datom>> toldByT = new HashMap<>();

  /** Leaks these datoms. */
  LeakyServer(Predicate<Datom> isLeaked) {
    this.isLeaked = isLeaked;
  }

  @Override
  public List<Message> fromServer(String client, Message message) {
    if (!(message instanceof Message.Transactions sent)) {
      return List.of(message);
    }
    if (client.equals(WHOLE)) {
      sent.transactions().forEach(transaction -> toldByT.put(transaction.t(), transaction.datoms()));
      return List.of(message);
    }
    return List.of(new Message.Transactions(
        sent.follows(), sent.transactions().stream().map(this::leaky).toList(), sent.basisT()));
  }

  private Transaction leaky(Transaction transaction) {
    List<Datom> datoms = new ArrayList<>(transaction.datoms());
    toldByT.getOrDefault(transaction.t(), List.of()).stream()
        .filter(datom -> isLeaked.test(datom) && !datoms.contains(datom)).forEach(datoms::add);
    return new Transaction(transaction.t(), datoms, transaction.withdrawn());
  }
}
