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
 * @param confirmed how many transactions are confirmed, the others being pending; {@link #NONE} for a client without a
 *     server, {@link #ALL} if everything is
 * @param question null if the last transaction is what matters
 */
record Case(int confirmed, List<List<?>> transactions, List<?> question) {
  static final int NONE = 0;
  static final int ALL = Integer.MAX_VALUE;

  Case {
    transactions = List.copyOf(transactions);
  }

  /** Plays it on empty databases: the first difference, null if there is none or it cannot be played. */
  Difference play(KnownDifferences known, Fault fault) {
    try (Pair pair = Pair.open(confirmed, known, fault)) {
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
    StringBuilder text = new StringBuilder("{:doc \"\"\n :client ").append(client())
        .append("\n :transactions\n [");
    transactions.forEach(forms -> text.append(forms == transactions.get(0) ? "" : "\n  ").append(Edn.write(forms)));
    text.append(']');
    if (question != null) {
      text.append("\n :ask ").append(Edn.write(question));
    }
    return text.append('}').toString();
  }

  private String client() {
    return confirmed == NONE ? ":pending" : confirmed == ALL ? ":confirmed" : ":mixed :confirmed " + confirmed;
  }

  /** How many transactions are confirmed where a file says {@code :client}. */
  static int confirmed(Map<?, ?> map) {
    Object client = map.get(Keyword.of(":client"));
    return Keyword.of(":pending").equals(client) ? NONE
        : Keyword.of(":mixed").equals(client) ? Math.toIntExact((Long) map.get(Keyword.of(":confirmed"))) : ALL;
  }

  /** Reads what {@link #toEdn} wrote. */
  static Case of(Map<?, ?> map) {
    return new Case(confirmed(map),
        ((List<?>) map.get(Keyword.of(":transactions"))).stream().<List<?>>map(forms -> (List<?>) forms).toList(),
        (List<?>) map.get(Keyword.of(":ask")));
  }

  Case with(List<List<?>> others) {
    return new Case(confirmed, others, question);
  }

  Case asking(List<?> other) {
    return new Case(confirmed, transactions, other);
  }

  static Map<Object, Object> without(Map<?, ?> map, Object key) {
    Map<Object, Object> rest = new LinkedHashMap<>(map);
    rest.remove(key);
    return rest;
  }
}
