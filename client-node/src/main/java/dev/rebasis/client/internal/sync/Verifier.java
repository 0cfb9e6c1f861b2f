package dev.rebasis.client.internal.sync;

import dev.rebasis.protocol.AttributeDigest;
import dev.rebasis.protocol.Message;
import dev.rebasis.error.RebasisException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * When the digest is compared with the server's: each time the client has caught up, each time so many datoms were taken
 * in, and when the program asks. One question at a time. Confined to the {@link SyncMachine}.
 */
final class Verifier {
  /** After so many datoms at the least the digest is compared again, and after half as many more at the most. */
  private static final long EVERY_DATOMS = 50_000;
  /** Spreads the numbers of clients. */
  private static final long STRIDE = 6_151;
  /** When the server cannot tell and nothing newer comes meanwhile. A client with a part is told of a newer T each second. */
  static final long AGAIN_MILLIS = 1_000;

  private final Outbox outbox;
  private final Link link;
  private final LongSupplier client;
  private final List<Long> asked = new ArrayList<>();
  private long datoms;
  private long lastRef;
  private long openRef;
  private boolean due;
  private boolean again; // the server could not tell for the T that was asked for

  /**
   * Makes one.
   *
   * @param client the number that the server gave to this store. Each has its own measure: those that take in the same
   *     would else all compare, and make up their digests, at the same moment
   */
  Verifier(Outbox outbox, Link link, LongSupplier client) {
    this.outbox = outbox;
    this.link = link;
    this.client = client;
  }

  /** The program asks. */
  void ask(long ref) {
    asked.add(ref);
    due = true;
  }

  /** The client has caught up. */
  void caughtUp() {
    due = true;
  }

  /** So many datoms were taken in. */
  void taken(long more) {
    datoms += more;
    due |= again || datoms >= EVERY_DATOMS + Math.floorMod(client.getAsLong() * STRIDE, EVERY_DATOMS / 2);
  }

  /** A question that was of no use may be put again. */
  void timeIsUp() {
    due |= again;
  }

  /** A session has ended: its question will not be answered. */
  void newSession() {
    openRef = 0;
  }

  /** Asks the server if it is time to, in a session that is live. */
  void step(long session, boolean ofPart) {
    if (due && openRef == 0) {
      due = false;
      again = false;
      datoms = 0;
      openRef = ++lastRef;
      outbox.add(new SyncAction.Verify(session, openRef, ofPart));
    }
  }

  /**
   * The server has answered.
   *
   * @return the server's digests of what differs; null if the answer is of no use and the server is to be asked again later
   */
  List<AttributeDigest> answered(Message.Verified verified) {
    if (verified.ref() != openRef) {
      return null;
    }
    openRef = 0;
    if (!verified.known()) {
      // It has gone on too far since, or sends another part: it will tell for a newer T. Asked at once, it would say the same.
      again = true;
      link.wake(AGAIN_MILLIS);
      return null;
    }
    List<Long> refs = List.copyOf(asked);
    asked.clear();
    outbox.add(new SyncAction.Verified(refs, verified.t(), verified.different(), null));
    return verified.different();
  }

  /** Nobody will answer any more. */
  List<SyncAction> failed(RebasisException error) {
    if (asked.isEmpty()) {
      return List.of();
    }
    List<Long> refs = List.copyOf(asked);
    asked.clear();
    return List.of(new SyncAction.Verified(refs, 0, List.of(), error));
  }
}
