package dev.rebasis.server.internal.master;

import datomic.Database;
import dev.rebasis.data.Datom;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import dev.rebasis.digest.Digest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The digest of a master's current datoms, at its newest T and at some Ts before. Follows the durable log, when it is
 * asked and when there is time. A datom costs one SHA-256, a retraction a look-up besides. Confined to the core.
 */
public final class MasterDigest {
  /** Digests of so many transactions back can be told. */
  private static final int UNDO_MAX = 4_096;
  private static final int STEP_DATOMS = 10_000;

  /** One step back: the T before it, and the digests then of the attributes that it changed. */
  private record Undo(long t, List<Digest.Mark> before) {}

  /** A fact, whichever transaction asserted it. */
  private record Fact(long e, long a, Object v) {}

  private final Master master;
  private final Digest digest = new Digest();
  private final ArrayDeque<Undo> undos = new ArrayDeque<>();
  private Database at;
  private long t;

  /** Reads all current datoms. */
  public MasterDigest(Master master) {
    this.master = master;
    this.at = master.database();
    this.t = master.forcedT();
    for (datomic.Datom datom : at.datoms(Database.EAVT)) {
      Datom translated = DatomicFactView.translate(datom);
      if (translated.a() != SystemIds.DB_FN) {
        digest.add(translated);
      }
    }
  }

  /**
   * Follows the log.
   *
   * @param datomsMax about how far, so that the core is not kept busy for long
   */
  public void follow(int datomsMax) {
    if (t < master.forcedT()) {
      List<Transaction> next = master.transactionsAfter(t, datomsMax);
      Map<Fact, Datom> asserted = new HashMap<>();
      next.forEach(transaction -> apply(transaction, asserted));
      at = t == master.forcedT() ? master.database() : master.database().asOf(t);
    }
  }

  private void apply(Transaction transaction, Map<Fact, Datom> asserted) {
    Set<Long> attributes = new LinkedHashSet<>();
    transaction.datoms().forEach(datom -> attributes.add(datom.a()));
    List<Digest.Mark> before = new ArrayList<>(attributes.size());
    attributes.forEach(a -> before.add(digest.mark(a)));
    undos.push(new Undo(t, before));
    if (undos.size() > UNDO_MAX) {
      undos.removeLast();
    }
    for (Datom datom : transaction.datoms()) {
      Fact fact = new Fact(datom.e(), datom.a(), datom.v());
      if (datom.added()) {
        digest.add(datom);
        asserted.put(fact, datom);
      } else {
        Datom known = asserted.remove(fact);
        Datom gone = known != null ? known : current(datom);
        if (gone != null) {
          digest.remove(gone);
        }
      }
    }
    t = transaction.t();
  }

  private Datom current(Datom retraction) {
    for (datomic.Datom datom : at.datoms(
        Database.EAVT, retraction.e(), retraction.a(), DatomicValues.toDatomic(retraction.v()))) {
      return DatomicFactView.translate(datom);
    }
    return null;
  }

  /**
   * How many current facts there are, those of transactions' own entities not counted.
   *
   * @param except ids of attributes that are not counted either
   */
  public long facts(Set<Long> except) {
    while (t < master.forcedT()) {
      follow(STEP_DATOMS);
    }
    return digest.datomsOutsideTransactions(except);
  }

  /** The digest at a T; empty if it is too old, or no transaction's T. */
  public Optional<Digest> at(long wanted) {
    while (t < wanted && t < master.forcedT()) {
      follow(STEP_DATOMS);
    }
    Digest then = digest.copy();
    long reached = t;
    for (Undo undo : undos) {
      if (reached <= wanted) {
        break;
      }
      undo.before().forEach(then::reset);
      reached = undo.t();
    }
    return reached == wanted ? Optional.of(then) : Optional.empty();
  }
}
