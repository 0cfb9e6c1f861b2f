package dev.rebasis.client.internal.sync;

import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.PushOutcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The durable transactions that the server has not decided as far as this client has stored: what was sent in this
 * session, what was answered, what to send next. Confined to the {@link SyncMachine}.
 *
 * <p>Order of sending is the order of the sequence numbers, always. In a new session everything without an answer is
 * sent again; the server recognises what it has decided by the id.
 */
final class PushQueue {
  private static final long BATCH_WEIGHT_MAX = 256 << 10;
  private static final long WINDOW_WEIGHT_MAX = 4 << 20;

  private final int batchMax;
  private final int windowMax;
  private final TreeMap<Long, Intent> undecided = new TreeMap<>();
  private final Map<UUID, Long> seqs = new HashMap<>();
  /** Answers whose transaction has not arrived yet. */
  private final Map<UUID, PushOutcome> answered = new HashMap<>();
  /** Sent in this session and not answered, with their weights. */
  private final Map<UUID, Long> inFlight = new HashMap<>();
  private long inFlightWeight;
  private long sentSeq;

  PushQueue(int batchMax, int windowMax) {
    this.batchMax = batchMax;
    this.windowMax = windowMax;
  }

  void add(Intent intent) {
    undecided.put(intent.seq(), intent);
    seqs.put(intent.id(), intent.seq());
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

  /** A new session begins: nothing is on its way. */
  void newSession() {
    sentSeq = 0;
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
    int room = windowMax - inFlight.size();
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
      long own = IntentWeight.of(intent);
      if (!batch.isEmpty() && (batch.size() == Math.min(batchMax, room) || weight + own > BATCH_WEIGHT_MAX)) {
        more = true;
        break;
      }
      batch.add(intent);
      weight += own;
    }
    if (batch.isEmpty() || (more && batch.size() == room && room < batchMax)) {
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
}
