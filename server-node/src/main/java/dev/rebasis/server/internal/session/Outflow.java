package dev.rebasis.server.internal.session;

import dev.rebasis.digest.Digest;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.AttributeDigest;
import dev.rebasis.protocol.Message;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What goes out of one session: answers at once, transactions as far as the client's credit reaches and while few frames
 * are on their way, and the answers to those who wait for a T. Confined to the core.
 */
final class Outflow {
  private static final Logger LOG = LoggerFactory.getLogger(Outflow.class);

  /** A client that waits for a T. */
  private record Wanted(long t, long ref) {}

  private final ServerMachine machine;
  private final SessionTransport transport;
  private final Runnable left;
  private final Consumer<RebasisException> fail;
  private final PriorityQueue<Wanted> wanted =
      new PriorityQueue<>((x, y) -> x.t != y.t ? Long.compare(x.t, y.t) : Long.compare(x.ref, y.ref));

  private Feed feed;
  /** Between the welcome and the end of the session. */
  private boolean open;
  private long credit;
  private long toldT;
  private int unsent;
  private int unsentBatches;
  private boolean pumping;
  /** Nothing is sent before the client says what it has loaded by HTTP. */
  private boolean loading;
  /** The client is to be told the T that it stands at, even if it saw nothing of the last transactions. */
  private boolean levelDue = true;

  /**
   * Makes one that sends answers only, until {@link #begin}.
   *
   * @param left run each time a frame has left the process
   * @param fail ends the session with an error
   */
  Outflow(ServerMachine machine, SessionTransport transport, Runnable left, Consumer<RebasisException> fail) {
    this.machine = machine;
    this.transport = transport;
    this.left = left;
    this.fail = fail;
  }

  /** What the session is sent; null before {@link #begin}. */
  Feed feed() {
    return feed;
  }

  /** Welcomes; the feed follows once {@link #pump} is called. */
  void begin(Feed first, long datoms, boolean load, Message.Welcome welcome) {
    feed = first;
    open = true;
    credit = Math.max(0, datoms);
    toldT = welcome.basisT();
    loading = load;
    send(welcome);
  }

  /** Whether the client loads by HTTP what it lacks. */
  boolean isLoading() {
    return loading;
  }

  /** The client has loaded, and goes on with this feed. */
  void loaded(Feed next, long datoms) {
    loading = false;
    feed = next;
    credit = datoms;
    pump();
  }

  /** No transaction goes out any more. */
  void end() {
    open = false;
    if (feed != null) {
      feed.close();
    }
  }

  /** How far what was sent is behind the newest T. */
  long lag() {
    return Math.max(0, machine.master().forcedT() - feed.cursor());
  }

  /** Whether so many frames wait that no more messages should be taken in. */
  boolean isFull() {
    return unsent >= 4 * machine.limits().framesUnsent();
  }

  /** The client takes so many datoms more. */
  void credit(long datoms) {
    if (datoms <= 0) {
      fail.accept(SessionErrors.credit(datoms));
      return;
    }
    credit = credit + datoms < credit ? Long.MAX_VALUE : credit + datoms;
    pump();
  }

  /** The client waits for a T. */
  void sync(Message.Sync sync) {
    if (wanted.size() >= machine.limits().intentsUndecided()) {
      fail.accept(SessionErrors.tooManySyncs(wanted.size()));
      return;
    }
    wanted.add(new Wanted(sync.t() > 0 ? sync.t() : machine.master().forcedT(), sync.ref()));
    pump();
  }

  /** Tells the client soon at which T it stands. */
  void level() {
    levelDue = true;
    pump();
  }

  /** Sends what may be sent. */
  void pump() {
    // A transport may run "sent" inside "send"; the loop below then simply goes on.
    if (!open || pumping || loading) {
      return;
    }
    pumping = true;
    try {
      sendNext();
    } catch (RebasisException e) {
      fail.accept(e);
    }
    pumping = false;
    answerSyncs();
    long head = machine.master().forcedT();
    if (open && feed.cursor() < head && credit <= 0 && toldT < head && unsent == 0) {
      toldT = head;
      send(new Frame(new Message.Basis(head)), this::pump);
    }
  }

  private void sendNext() {
    long head = machine.master().forcedT();
    while (open && credit > 0 && unsentBatches < machine.limits().framesUnsent()) {
      Feed.Piece piece = feed.next();
      if (piece == null && levelDue) {
        levelDue = false;
        piece = feed.level();
      }
      if (piece == null) {
        return;
      }
      toldT = head;
      send(piece);
    }
  }

  private void answerSyncs() {
    while (open && !wanted.isEmpty() && wanted.peek().t <= feed.cursor()) {
      Feed.Piece level = feed.level();
      if (level != null) {
        send(level);
      }
      send(new Message.Synced(wanted.poll().ref, feed.cursor()));
    }
  }

  private void send(Feed.Piece piece) {
    credit -= piece.datoms();
    unsentBatches++;
    send(piece.frame(), () -> {
      unsentBatches--;
      pump();
    });
  }

  /** Sends an answer. */
  void send(Message.FromServer message) {
    send(new Frame(message), () -> { });
  }

  private void send(Frame frame, Runnable then) {
    unsent++;
    transport.send(frame, () -> {
      unsent--;
      then.run();
      left.run();
    });
  }

  /** Compares digests with a client, and tells it in what they differ. */
  void verify(Message.Verify verify, long client) {
    Digest theirs = Digest.of(verify.digests());
    Optional<Digest> ours = feed.digest(verify.t(), theirs);
    List<AttributeDigest> different = List.of();
    if (ours.isPresent()) {
      different = ours.get().differences(theirs);
      if (!different.isEmpty()) {
        LOG.atWarn().addKeyValue("client", client).addKeyValue("t", verify.t())
            .log("Client {} differs from the server at T {}: the server has {}, the client {}.", client, verify.t(),
                different, theirs.differences(ours.get()));
      }
    }
    send(new Message.Verified(verify.ref(), verify.t(), ours.isPresent(), different));
  }
}
