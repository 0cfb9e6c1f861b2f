package dev.rebasis.server.internal.scope;

import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import dev.rebasis.digest.Digest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What somebody holds who takes one transaction after the other, as docs/protocol.md says. */
final class Replica {
  private record Fact(long e, long a, Object v) {}

  private final Map<Fact, Datom> current = new LinkedHashMap<>();

  void take(Transaction transaction) {
    for (long e : transaction.withdrawn()) {
      current.values().removeIf(datom -> datom.e() == e && !SystemIds.isSchemaAttribute(datom.a()));
    }
    for (Datom datom : transaction.datoms()) {
      Fact fact = new Fact(datom.e(), datom.a(), datom.v());
      if (datom.added()) {
        current.putIfAbsent(fact, datom);
      } else {
        current.remove(fact);
      }
    }
  }

  /** The datoms that are not of a transaction. */
  Set<Datom> datoms() {
    return current.values().stream().filter(datom -> !EntityIds.isTx(datom.e())).collect(Collectors.toSet());
  }

  Digest digest() {
    Digest digest = new Digest();
    datoms().forEach(digest::add);
    return digest;
  }
}
