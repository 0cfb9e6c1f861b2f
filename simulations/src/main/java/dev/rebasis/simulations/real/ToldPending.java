package dev.rebasis.simulations.real;

import dev.rebasis.client.Outcome;
import dev.rebasis.client.Pending;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * A pending transaction of another process, as that one told of it in a line of text. Immutable; its outcome is told
 * elsewhere.
 *
 * @param id as {@link Pending#id}
 * @param seq as {@link Pending#seq}
 * @param basisT as {@link Pending#basisT}
 * @param forms as {@link Pending#forms}
 * @param tempids what the tempids stood for when the line was written
 */
record ToldPending(UUID id, long seq, long basisT, List<Object> forms, Map<String, Long> tempids) implements Pending {
  private static final Keyword ID = Keyword.of(":id");
  private static final Keyword SEQ = Keyword.of(":seq");
  private static final Keyword BASIS = Keyword.of(":basis");
  private static final Keyword FORMS = Keyword.of(":forms");
  private static final Keyword TEMPIDS = Keyword.of(":tempids");

  /** What a process tells of one of its own: data that EDN can carry. */
  static Map<Object, Object> tell(Pending pending) {
    Map<Object, Object> told = new LinkedHashMap<>();
    told.put(ID, pending.id());
    told.put(SEQ, pending.seq());
    told.put(BASIS, pending.basisT());
    told.put(FORMS, pending.forms());
    told.put(TEMPIDS, pending.tempids());
    return told;
  }

  /** The datoms that a transaction was predicted to make, as a process told of them. */
  static List<Datom> datoms(List<?> told) {
    List<Datom> datoms = new ArrayList<>();
    for (Object each : told) {
      List<?> parts = (List<?>) each;
      datoms.add(new Datom((Long) parts.get(0), (Long) parts.get(1), parts.get(2), (Long) parts.get(3), (Boolean) parts.get(4)));
    }
    return datoms;
  }

  /** Reads what was told. */
  static ToldPending of(Map<?, ?> told) {
    Map<String, Long> tempids = new LinkedHashMap<>();
    ((Map<?, ?>) told.get(TEMPIDS)).forEach((name, id) -> tempids.put((String) name, (Long) id));
    return new ToldPending((UUID) told.get(ID), (Long) told.get(SEQ), (Long) told.get(BASIS),
        List.copyOf((List<?>) told.get(FORMS)), Map.copyOf(tempids));
  }

  @Override
  public long resolve(String tempid) {
    Long found = tempids.get(tempid);
    if (found == null) {
      throw new RebasisException(Keyword.of(":rebasis.error/unknown-tempid"), ErrorCategory.FIX_REQUEST,
          "The transaction " + id + " has no tempid '" + tempid + "'. It has " + tempids.keySet() + ".");
    }
    return found;
  }

  @Override
  public CompletableFuture<Outcome> outcome() {
    throw new UnsupportedOperationException("the outcome is known to the process that made the transaction");
  }
}
