package dev.rebasis.client.conform;

import dev.rebasis.client.conform.Pair.Difference;
import dev.rebasis.client.conform.Side.CaseException;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Transactions and at most one question, as data: what a generator found, and what can be pasted into a corpus file.
 * Immutable.
 *
 * @param pending whether the client has no server; else everything is confirmed
 * @param question null if the last transaction is what matters
 */
record Case(boolean pending, List<List<?>> transactions, List<?> question) {
  Case {
    transactions = List.copyOf(transactions);
  }

  /** Plays it on empty databases: the first difference, null if there is none or it cannot be played. */
  Difference play(KnownDifferences known, Fault fault) {
    try (Pair pair = Pair.open(pending, known, fault)) {
      for (List<?> forms : transactions) {
        Difference difference = pair.transact(forms);
        if (difference != null) {
          return question == null ? difference : null;
        }
      }
      return question == null ? null : pair.ask(question);
    } catch (CaseException e) {
      return null; // it names what a transaction that was left out had made
    }
  }

  /** As EDN that a corpus file takes. */
  String toEdn() {
    StringBuilder text = new StringBuilder("{:doc \"\"\n :client ").append(pending ? ":pending" : ":confirmed")
        .append("\n :transactions\n [");
    transactions.forEach(forms -> text.append(forms == transactions.get(0) ? "" : "\n  ").append(Edn.write(forms)));
    text.append(']');
    if (question != null) {
      text.append("\n :ask ").append(Edn.write(question));
    }
    return text.append('}').toString();
  }

  /** Reads what {@link #toEdn} wrote. */
  static Case of(Map<?, ?> map) {
    return new Case(Keyword.of(":pending").equals(map.get(Keyword.of(":client"))),
        ((List<?>) map.get(Keyword.of(":transactions"))).stream().<List<?>>map(forms -> (List<?>) forms).toList(),
        (List<?>) map.get(Keyword.of(":ask")));
  }

  Case with(List<List<?>> others) {
    return new Case(pending, others, question);
  }

  Case asking(List<?> other) {
    return new Case(pending, transactions, other);
  }

  static Map<Object, Object> without(Map<?, ?> map, Object key) {
    Map<Object, Object> rest = new LinkedHashMap<>(map);
    rest.remove(key);
    return rest;
  }
}
