package dev.rebasis.simulations.check;

import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/**
 * If nobody else wrote between a transaction's base and its commit, the server's datoms are those that the client
 * predicted when it was made. Confined to one use.
 */
final class PredictionCheck {
  private static final String PREDECESSOR = ":rebasis.error/predecessor-not-committed";
  private static final String TOO_LATE = ":rebasis.error/too-late";
  private static final String GROUP = ":rebasis.error/group-not-committed";

  private final ServerLog log;
  private final Pushed pushed;
  private final List<Finding> findings = new ArrayList<>();
  /** In the order in which they were made, which binding does not change. */
  private final Map<UUID, LocalWrite> known = new LinkedHashMap<>();

  PredictionCheck(List<LocalWrite> writes, Pushed pushed, ServerLog log) {
    this.log = log;
    this.pushed = pushed;
    writes.forEach(write -> known.put(write.id(), write));
  }

  List<Finding> findings() {
    List<LoggedTransaction> transactions = log.transactions();
    for (int i = 0; i < transactions.size(); i++) {
      LoggedTransaction transaction = transactions.get(i);
      LocalWrite write = transaction.isPushed() ? known.get(transaction.id()) : null;
      if (write != null && write.isPredictionKnown() && write.isNumberingKnown()
          && isUndisturbed(transaction, write, transactions.subList(0, i))) {
        compare(write, transaction);
      }
    }
    return findings;
  }

  /**
   * Parkings and rejections of others write nothing that anyone could meet; nor do the server's own records. What takes a
   * transaction back is made on that one's T, and gives way to what its own client wrote since, too.
   */
  private static boolean isUndisturbed(LoggedTransaction transaction, LocalWrite write, List<LoggedTransaction> before) {
    boolean undoes = write.kind().equals("undo");
    for (int i = before.size() - 1; i >= 0 && before.get(i).t() > write.pending().basisT(); i--) {
      LoggedTransaction other = before.get(i);
      if ((undoes || other.client() != transaction.client()) && !other.datoms().isEmpty()) {
        return false;
      }
    }
    return true;
  }

  private void compare(LocalWrite write, LoggedTransaction transaction) {
    if (!transaction.outcome().equals("accepted")) {
      // Whether it was too late says its limit and the log, and what only Datomic knows its history: DecisionCheck. Why a group was refused is
      // asked of the member that was the reason.
      if (isReason(transaction, TOO_LATE) || DatomicsOwn.isReasonOf(transaction) || isReason(transaction, GROUP) || mayStandOnRefused(write, transaction)) {
        return;
      }
      findings.add(new Finding(Promise.PREDICTION, write + " was " + transaction.outcome() + " (" + transaction.reason()
          + ") although nobody else wrote since its basis T " + write.pending().basisT()));
      return;
    }
    Set<String> taken = placesTakenBack(write, transaction);
    TreeSet<String> expected = texts(write.predicted(), transaction, taken);
    TreeSet<String> found = texts(transaction.datoms(), transaction, taken);
    if (!expected.equals(found)) {
      TreeSet<String> missing = new TreeSet<>(expected);
      missing.removeAll(found);
      found.removeAll(expected);
      findings.add(new Finding(Promise.PREDICTION, write + " came out otherwise than its client predicted, although"
          + " nobody else wrote: missing " + missing + ", instead " + found));
    }
  }

  private static boolean isReason(LoggedTransaction transaction, String code) {
    return code.equals(String.valueOf(transaction.reason()));
  }

  /**
   * What was made on a write that its author took back later, or that came too late, is sent all the same, and parked: docs/conflicts.md.
   * Of what did not leave its program under our eyes nobody knows what it stands on.
   */
  private boolean mayStandOnRefused(LocalWrite write, LoggedTransaction transaction) {
    return isReason(transaction, PREDECESSOR) && (known.values().stream()
        .anyMatch(other -> other.isTakenBack() && other.client().equals(write.client()) && other.label() != write.label())
        || log.transactions().stream().anyMatch(other -> isRefusedBefore(other, transaction))
        && (!pushed.isAll() || standsOnRefused(transaction)));
  }

  private static boolean isRefusedBefore(LoggedTransaction other, LoggedTransaction transaction) {
    return other.client() == transaction.client() && other.t() < transaction.t() && (isReason(other, TOO_LATE) || isReason(other, GROUP));
  }

  /** Whether one that came too late, or failed with its group, is among those that it names, or that these name, and so on. */
  private boolean standsOnRefused(LoggedTransaction transaction) {
    Set<UUID> seen = new HashSet<>();
    Deque<UUID> next = new ArrayDeque<>(List.of(transaction.id()));
    while (!next.isEmpty()) {
      for (UUID id : pushed.stoodOnBy(next.remove(), transaction.client(), log)) {
        if (seen.add(id)) {
          next.add(id);
          if (log.of(id).stream().anyMatch(other -> isRefusedBefore(other, transaction))) {
            return true;
          }
        }
      }
    }
    return false;
  }

  /**
   * Where earlier writes of its client had written that were taken back before they were sent: it was predicted on top of these,
   * and that a copy of the store may push them makes no difference.
   */
  private Set<String> placesTakenBack(LocalWrite write, LoggedTransaction transaction) {
    Set<String> places = new HashSet<>();
    for (LocalWrite other : known.values()) {
      if (other == write) {
        break;
      }
      if (other.isTakenBack() && other.client().equals(write.client())) {
        other.predicted().forEach(datom -> places.add(place(datom, transaction)));
      }
    }
    return places;
  }

  private String place(Datom datom, LoggedTransaction transaction) {
    Map<Long, Long> made = log.made(transaction.client());
    return "[" + transaction.resolve(datom.e(), made) + " "
        + log.facts().schema().ident(transaction.resolve(datom.a(), made));
  }

  private TreeSet<String> texts(List<Datom> datoms, LoggedTransaction transaction, Set<String> without) {
    Map<Long, Long> made = log.made(transaction.client());
    TreeSet<String> texts = new TreeSet<>();
    for (Datom datom : datoms) {
      long attribute = transaction.resolve(datom.a(), made);
      Keyword ident = log.facts().schema().ident(attribute);
      if ((ident == null || !LoggedTransaction.isOwn(ident)) && !without.contains(place(datom, transaction))) {
        Object value = log.facts().schema().attribute(attribute) != null
            && log.facts().schema().attribute(attribute).isRef() && datom.v() instanceof Long id
            ? transaction.resolve(id, made) : datom.v();
        long e = transaction.resolve(datom.e(), made);
        texts.add((datom.added() ? "+" : "-") + "[" + e + " " + ident + " " + value + "]");
      }
    }
    return texts;
  }
}
