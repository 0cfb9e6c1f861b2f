package dev.rebasis.client.internal.sync;

import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.Terms;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The durable transactions that the server has not decided as far as this client has stored: what was sent in this
 * session, what was answered, what to send next. Confined to the {@link SyncMachine}.
 *
 * <p>Order of sending is the order of the sequence numbers, always. In a new session everything without an answer is
 * sent again; the server recognises what it has decided by the id.
 */
public final class PushQueue {
  private static final long BATCH_WEIGHT_MAX = 256 << 10;
  private static final long WINDOW_WEIGHT_MAX = 4 << 20;

  private final int batchMax;
  private final int windowMax;
  private final TreeMap<Long, Intent> undecided = new TreeMap<>();
  private final Map<UUID, Long> seqs = new HashMap<>();
  /** Answers of this session whose transaction has not arrived yet. */
  private final Map<UUID, PushOutcome> answered = new HashMap<>();
  /** Sent in this session and not answered, with their weights. */
  private final Map<UUID, Long> inFlight = new HashMap<>();
  private long inFlightWeight;
  /** The highest sequence number that was given out for sending in this session. */
  private long sentSeq;
  /** The highest sequence number that was sent in an earlier session of this run, or that an earlier run may have sent. */
  private long formerSentSeq;
  /** Stand elsewhere than before, which is not stored yet. */
  private final Set<Long> held = new HashSet<>();
  /** Those up to this number were made when the store had another client number. */
  private long inheritedSeq;

  PushQueue(int batchMax, int windowMax) {
    this.batchMax = batchMax;
    this.windowMax = windowMax;
  }

  void add(Intent intent) {
    held.remove(intent.seq());
    undecided.put(intent.seq(), intent);
    seqs.put(intent.id(), intent.seq());
  }

  /** Those of an earlier run may have been sent by it. */
  void restored(List<Intent> intents, boolean mayHaveBeenSent) {
    intents.forEach(this::add);
    if (mayHaveBeenSent && !undecided.isEmpty()) {
      formerSentSeq = undecided.lastKey();
    }
  }

  /** The client gets another number: what is here was made under the one before. */
  void inherit() {
    inheritedSeq = undecided.isEmpty() ? inheritedSeq : undecided.lastKey();
  }

  /** Whether the next one was made under another client number: it may have been decided already, under that one. */
  boolean isInheriting() {
    return !undecided.isEmpty() && undecided.firstKey() <= inheritedSeq;
  }

  /** Puts others in the place of all. */
  void replaceAll(List<Intent> intents) {
    undecided.clear();
    seqs.clear();
    held.clear();
    newSession();
    intents.forEach(this::add);
  }

  /** Whether a transaction is here that was never sent, and is stored as it is here. */
  boolean isUnsent(UUID id) {
    Long seq = seqs.get(id);
    return seq != null && seq > Math.max(sentSeq, formerSentSeq) && !held.contains(seq);
  }

  /** Takes a transaction out that was never sent; false if it is not there, or may have been sent. */
  boolean takeUnsent(UUID id) {
    return isUnsent(id) && undecided.remove(seqs.remove(id)) != null;
  }

  /**
   * Puts transactions that were never sent behind all others; none of them is sent before {@link #add} tells that this is stored.
   *
   * @param intents as they are now, in order, with higher sequence numbers than all before
   */
  void moved(List<Intent> intents) {
    for (Intent intent : intents) {
      long before = seqs.get(intent.id());
      undecided.remove(before);
      add(intent);
      held.add(intent.seq());
      // One at a time, as before.
      inheritedSeq = before <= inheritedSeq ? intent.seq() : inheritedSeq;
    }
  }

  /** What was given out for sending from this one on was not sent after all: it will be given out again. */
  void notSentFrom(Intent first) {
    sentSeq = Math.min(sentSeq, first.seq() - 1);
    undecided.tailMap(first.seq(), true).values().forEach(intent -> landed(intent.id()));
  }

  /**
   * Takes a transaction out that is not on its way in this session. An earlier session may have sent it: the server has then not
   * taken it, or this client, which is level with it before it sends anything, would have heard what became of it.
   *
   * @return false if it is not there, or is on its way
   */
  boolean takeUnanswered(UUID id) {
    Long seq = seqs.get(id);
    if (seq == null || seq <= sentSeq || answered.containsKey(id) || held.contains(seq)) {
      return false;
    }
    seqs.remove(id);
    undecided.remove(seq);
    return true;
  }

  /** The undecided transaction with this id, or null. */
  Intent get(UUID id) {
    Long seq = seqs.get(id);
    return seq == null ? null : undecided.get(seq);
  }

  boolean isEmpty() {
    return undecided.isEmpty();
  }

  int size() {
    return undecided.size();
  }

  /** Whether everything up to a sequence number is decided. */
  boolean isDecidedUpTo(long seq) {
    return undecided.isEmpty() || undecided.firstKey() > seq;
  }

  /**
   * A new session begins: nothing is on its way. What was answered counts as little: if it is not here once this client has
   * caught up, it is asked for again, since the server may have gone back behind its answer.
   */
  void newSession() {
    formerSentSeq = Math.max(formerSentSeq, sentSeq);
    sentSeq = 0;
    answered.clear();
    inFlight.clear();
    inFlightWeight = 0;
  }

  /** Notes the server's answer; it no longer counts as on its way. */
  void answered(PushOutcome outcome) {
    answered.put(outcome.id(), outcome);
    landed(outcome.id());
  }

  /** The answer whose transaction has not arrived, or null. */
  PushOutcome answer(UUID id) {
    return answered.get(id);
  }

  /** The answers whose transactions have not arrived. */
  List<PushOutcome> answers() {
    return List.copyOf(answered.values());
  }

  /** Takes a decided transaction out. */
  void decided(UUID id) {
    Long seq = seqs.remove(id);
    if (seq != null) {
      undecided.remove(seq);
    }
    answered.remove(id);
    landed(id);
  }

  private void landed(UUID id) {
    Long weight = inFlight.remove(id);
    if (weight != null) {
      inFlightWeight -= weight;
    }
  }

  /**
   * The next batch to send, or null if there is none or the window is full. Waits for room for a full batch unless the
   * rest of the queue fits, so that a long queue is not sent in crumbs.
   */
  List<Intent> nextBatch() {
    // Asked after every message, and mostly there is nothing.
    if (undecided.isEmpty() || undecided.lastKey() <= sentSeq) {
      return null;
    }
    boolean inheriting = isInheriting();
    int room = windowMax - inFlight.size();
    // One after the other: the server is told which entities those before it made, and that is known from the outcome.
    if (inheriting && !(inFlight.isEmpty() && answered.isEmpty())) {
      return null;
    }
    if (room <= 0 || inFlightWeight >= WINDOW_WEIGHT_MAX) {
      return null;
    }
    List<Intent> batch = new ArrayList<>(Math.min(batchMax, room));
    long weight = 0;
    boolean more = false;
    for (Intent intent : undecided.tailMap(sentSeq, false).values()) {
      if (answered.containsKey(intent.id())) {
        continue;
      }
      if (held.contains(intent.seq()) || !isGroupWhole(intent)) {
        break;
      }
      long own = IntentWeight.of(intent);
      boolean inGroup = intent.terms().group() != null && intent.terms().group().index() > 0;
      if (!batch.isEmpty() && !inGroup && (inheriting || batch.size() == Math.min(batchMax, room) || weight + own > BATCH_WEIGHT_MAX)) {
        more = true;
        break;
      }
      batch.add(intent);
      weight += own;
    }
    if (batch.isEmpty() || (!inheriting && more && batch.size() == room && room < batchMax)) {
      return null;
    }
    for (Intent intent : batch) {
      long own = IntentWeight.of(intent);
      inFlight.put(intent.id(), own);
      inFlightWeight += own;
    }
    sentSeq = batch.get(batch.size() - 1).seq();
    return batch;
  }

  /** Whether the rest of the group that begins here is stored too: a group goes in one message. */
  private boolean isGroupWhole(Intent intent) {
    Terms.Group group = intent.terms().group();
    return group == null || group.index() > 0 || undecided.containsKey(intent.seq() + group.size() - 1);
  }

  /** Where to part a push in two without parting a group; 0 if it cannot be parted. */
  public static int middle(List<Intent> intents) {
    int half = intents.size() / 2;
    for (int i = half; i > 0; i--) {
      if (beginsAnew(intents.get(i))) {
        return i;
      }
    }
    for (int i = half + 1; i < intents.size(); i++) {
      if (beginsAnew(intents.get(i))) {
        return i;
      }
    }
    return 0;
  }

  private static boolean beginsAnew(Intent intent) {
    return intent.terms().group() == null || intent.terms().group().index() == 0;
  }
}
