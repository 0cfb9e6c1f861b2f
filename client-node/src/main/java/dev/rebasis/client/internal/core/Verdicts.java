package dev.rebasis.client.internal.core;

import dev.rebasis.client.internal.rebase.SetAside;
import dev.rebasis.client.internal.rebase.Settled;
import dev.rebasis.client.internal.sync.Verdict;
import dev.rebasis.protocol.OutcomeKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Verdicts of the sync machine in the words of the optimistic state, and back. Pure functions. */
final class Verdicts {
  private Verdicts() {}

  /** What the server decided, for the optimistic state. */
  static List<Settled> settled(List<Verdict> verdicts) {
    List<Settled> settled = new ArrayList<>(verdicts.size());
    for (Verdict one : verdicts) {
      settled.add(new Settled(one.id(), one.kind(), one.t(), one.made(), one.transaction(),
          one.code(), one.transaction() == null ? null : one.conflicts()));
    }
    return settled;
  }

  /** What the client parked by itself, as if the server had. */
  static List<Verdict> ofParked(List<SetAside> parked) {
    return parked.stream().map(one -> new Verdict(one.intent().id(), OutcomeKind.PARKED, false, 0, Map.of(), one.code(),
        one.message(), one.conflicts(), null)).toList();
  }
}
