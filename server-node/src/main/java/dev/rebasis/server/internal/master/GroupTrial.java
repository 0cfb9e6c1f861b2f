package dev.rebasis.server.internal.master;

import datomic.Database;
import dev.rebasis.conflict.Conflict;
import dev.rebasis.conflict.Decision;
import dev.rebasis.conflict.Footprint;
import dev.rebasis.conflict.GroupFate;
import dev.rebasis.conflict.Reason;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.PushOutcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * One group on trial: its transactions are decided in order on values that nobody else sees, each on what those before it
 * leave. Writes nothing. Confined to one call.
 */
final class GroupTrial {
  private final PushDecider.Ground start;
  private final BiFunction<Intent, PushDecider.Ground, PushDecider.Verdict> decide;
  private final Map<Long, Long> together = new HashMap<>();
  private Database now;
  private Schema schema;
  private GroupFate fate;
  private boolean forbidden;

  /**
   * Begins.
   *
   * @param start what the first is decided on
   * @param decide decides one
   */
  GroupTrial(PushDecider.Ground start, BiFunction<Intent, PushDecider.Ground, PushDecider.Verdict> decide) {
    this.start = start;
    this.decide = decide;
    this.now = start.now();
    this.schema = start.schema();
  }

  /** Whether all of them come through. */
  boolean passes(List<Intent> group) {
    return group.stream().allMatch(this::passes);
  }

  private boolean passes(Intent intent) {
    PushDecider.Verdict verdict = decide.apply(intent, new PushDecider.Ground(now, schema, start.t(), start.instant(),
        start.foreignT(), LastWrites.UNKNOWN, start.client(), start.user(), start.access(), start.known(), together,
        start.seen(), true));
    if (verdict instanceof PushDecider.Verdict.Known known) {
      forbidden = true;
      return fails(intent, known.outcome().code(), known.outcome().message(), List.of());
    }
    Draft draft = ((PushDecider.Verdict.Write) verdict).draft();
    if (!draft.kind().isCommitted()) {
      return fails(intent, draft.code(), draft.message(), draft.conflicts());
    }
    try {
      MasterDatabase.Tried tried = MasterDatabase.tried(now, draft.forms());
      for (Draft.Made one : draft.made()) {
        together.put(one.number(), one.entity() instanceof Long id ? id
            : one.entity().equals(Intent.TX_TEMPID) ? tried.transaction().tx()
            : tried.tempids().get((String) one.entity()));
      }
      together.put(-intent.txLocalId(), tried.transaction().tx());
      now = tried.after();
      schema = schema.with(tried.transaction().datoms());
      return true;
    } catch (TransactionException e) {
      return fails(intent, e.code(), e.getMessage(), List.of());
    }
  }

  private boolean fails(Intent intent, Keyword code, String message, List<Conflict> conflicts) {
    Map<Long, Long> locals = new HashMap<>();
    long nextT = start.now().nextT();
    together.forEach((number, id) -> {
      if (EntityIds.tOf(id) >= nextT) {
        locals.put(id, -number);
      }
    });
    fate = new GroupFate(intent.id(), new Reason(code, inLocals(message, locals), Map.of()),
        conflicts.stream().map(conflict -> inLocals(conflict, locals)).toList());
    return false;
  }

  // The ids that were given out on trial are given to others afterwards. Records and messages have the author's own instead.

  private static Conflict inLocals(Conflict conflict, Map<Long, Long> locals) {
    return new Conflict(conflict.kind(), locals.getOrDefault(conflict.e(), conflict.e()), conflict.attribute(),
        inLocals(conflict.base(), locals), inLocals(conflict.local(), locals), inLocals(conflict.remote(), locals),
        inLocals(conflict.resolved(), locals), conflict.policy(), conflict.remoteTx());
  }

  private static List<Object> inLocals(List<?> values, Map<Long, Long> locals) {
    List<Object> all = new ArrayList<>(values.size());
    for (Object value : values) {
      all.add(value instanceof List<?> tuple ? inLocals(tuple, locals)
          : value instanceof Long id ? (Object) locals.getOrDefault(id, id) : value);
    }
    return all;
  }

  private static String inLocals(String message, Map<Long, Long> locals) {
    String text = message;
    for (Map.Entry<Long, Long> local : locals.entrySet()) {
      text = text.replace(local.getKey().toString(), local.getValue().toString());
    }
    return text;
  }

  /** What was made of the local numbers of the members. */
  Map<Long, Long> together() {
    return together;
  }

  /** What becomes of a group that does not pass. */
  GroupFate fate() {
    return fate;
  }

  /** Whether one of them is answered without a record. */
  boolean isForbidden() {
    return forbidden;
  }

  /** What may not be wanted is not recorded, nor what was pushed with it: nobody is to get forms of theirs parked so. */
  List<PushOutcome> unwritten(List<Intent> group) {
    return group.stream().map(intent -> {
      Decision kept = fate.of(intent, Footprint.EMPTY);
      return PushDecider.unwritten(intent, kept.reason());
    }).toList();
  }
}
