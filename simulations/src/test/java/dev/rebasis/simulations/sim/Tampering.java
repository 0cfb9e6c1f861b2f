package dev.rebasis.simulations.sim;

import dev.rebasis.data.Datom;
import dev.rebasis.data.Transaction;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.Terms;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.UnaryOperator;

/** The ways in which planted faults alter messages. */
final class Tampering {
  /** No client's numbers come so far. */
  private static final long FAR = 1L << 40;

  private Tampering() {}

  /** Alters what the server sends. */
  static Sabotage toClient(UnaryOperator<Message> change) {
    return new Sabotage() {
      @Override
      public List<Message> fromServer(String client, Message message) {
        Message changed = change.apply(message);
        return changed == null ? List.of() : List.of(changed);
      }
    };
  }

  /** Alters what clients send. */
  static Sabotage toServer(UnaryOperator<Message> change) {
    return new Sabotage() {
      @Override
      public Message fromClient(String client, Message message) {
        return change.apply(message);
      }
    };
  }

  /** Alters batches of transactions, but not the first load: everything would fail at once. */
  static UnaryOperator<Message> transactions(UnaryOperator<List<Transaction>> change) {
    return message -> message instanceof Message.Transactions sent && sent.follows() > 0
        ? new Message.Transactions(sent.follows(), change.apply(sent.transactions()), sent.basisT()) : message;
  }

  /** The last transaction of a batch as two, if there is a T between it and the one before. */
  static List<Message> inTwoParts(Message message) {
    if (!(message instanceof Message.Transactions sent) || sent.follows() == 0) {
      return List.of(message);
    }
    List<Transaction> begun = new ArrayList<>(sent.transactions());
    Transaction last = begun.remove(begun.size() - 1);
    long before = begun.isEmpty() ? sent.follows() : begun.get(begun.size() - 1).t();
    int half = last.datoms().size() / 2;
    if (half == 0 || last.t() - 1 <= before) {
      return List.of(message);
    }
    begun.add(new Transaction(last.t() - 1, last.datoms().subList(0, half), last.withdrawn()));
    Transaction rest = new Transaction(last.t(), last.datoms().subList(half, last.datoms().size()));
    return List.of(new Message.Transactions(sent.follows(), begun, sent.basisT()),
        new Message.Transactions(last.t() - 1, List.of(rest), sent.basisT()));
  }

  static UnaryOperator<Message> intents(UnaryOperator<List<Intent>> change) {
    return message -> message instanceof Message.Push push
        ? new Message.Push(change.apply(push.intents()), push.known(), push.number()) : message;
  }

  static UnaryOperator<Message> outcomes(UnaryOperator<PushOutcome> change) {
    return message -> message instanceof Message.Outcomes sent
        ? new Message.Outcomes(sent.outcomes().stream().map(change).toList()) : message;
  }

  static List<Transaction> mapLast(List<Transaction> all, UnaryOperator<List<Datom>> change) {
    List<Transaction> changed = new ArrayList<>(all);
    Transaction last = changed.remove(changed.size() - 1);
    changed.add(new Transaction(last.t(), change.apply(last.datoms()), last.withdrawn()));
    return changed;
  }

  static List<Transaction> mapAll(List<Transaction> all, UnaryOperator<Datom> change) {
    return all.stream().map(transaction -> new Transaction(transaction.t(),
        transaction.datoms().stream().map(change).toList(), transaction.withdrawn())).toList();
  }

  static Datom withValue(Datom datom, Object value) {
    return new Datom(datom.e(), datom.a(), value, datom.tx(), datom.added());
  }

  static Intent withForms(Intent intent, List<Object> forms) {
    return new Intent(intent.id(), intent.seq(), intent.basisT(), intent.madeAt(), forms, intent.tempids(), intent.terms());
  }

  static Intent withBasis(Intent intent, long t) {
    return new Intent(intent.id(), intent.seq(), t, intent.madeAt(), intent.forms(), intent.tempids(), intent.terms());
  }

  static Intent withTerms(Intent intent, Terms terms) {
    return new Intent(intent.id(), intent.seq(), intent.basisT(), intent.madeAt(), intent.forms(), intent.tempids(), terms);
  }

  static Intent withId(Intent intent, UUID id) {
    return new Intent(
        id, intent.seq(), intent.basisT(), intent.madeAt(), intent.forms(), intent.tempids(), intent.terms());
  }

  /** The same once more with an id and numbers of its own, so that nothing but its content tells that it is a second one. */
  static Intent twin(Intent intent) {
    Map<String, Long> tempids = new TreeMap<>();
    intent.tempids().forEach((name, number) -> tempids.put(name, number + FAR));
    return new Intent(other(intent.id()), intent.seq() + FAR, intent.basisT(), intent.madeAt(), intent.forms(), tempids,
        intent.terms());
  }

  /** Of a group each member in a larger one, whose last is a stranger that nobody can commit. */
  static List<Intent> withAStranger(Intent intent) {
    Terms.Group group = intent.terms().group();
    if (group == null) {
      return List.of(intent);
    }
    int size = group.size() + 1;
    Intent member = withTerms(intent, intent.terms().withGroup(new Terms.Group(group.id(), size, group.index())));
    return group.index() < group.size() - 1 ? List.of(member) : List.of(member, twin(withForms(
        withTerms(intent, intent.terms().withGroup(new Terms.Group(group.id(), size, group.size()))), List.of(List.of("no form")))));
  }

  static List<Transaction> withoutRefusals(List<Transaction> all) {
    Set<Object> refusals = Set.of(OutcomeKind.REJECTED.ident(), OutcomeKind.PARKED.ident());
    return all.stream().map(transaction -> new Transaction(transaction.t(),
        transaction.datoms().stream().filter(datom -> !refusals.contains(datom.v())).toList(), transaction.withdrawn())).toList();
  }

  static List<Transaction> withoutMiddle(List<Transaction> all) {
    if (all.size() < 2) {
      return all;
    }
    List<Transaction> left = new ArrayList<>(all);
    left.remove(all.size() - 2);
    return left;
  }

  /** Another id, always the same for the same one. */
  static UUID other(UUID id) {
    return new UUID(id.getMostSignificantBits(), ~id.getLeastSignificantBits() & ~(0xC0L << 56) | 0x80L << 56);
  }
}
