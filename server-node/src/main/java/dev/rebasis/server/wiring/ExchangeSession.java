package dev.rebasis.server.wiring;

import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.codec.WireCodec;
import dev.rebasis.server.internal.master.Access;
import dev.rebasis.server.internal.session.ClientSession;
import dev.rebasis.server.internal.session.Frame;
import dev.rebasis.server.internal.session.ServerMachine;
import dev.rebasis.server.internal.session.SessionTransport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executor;

/**
 * A session over plain HTTP requests: what the client posts is handed to the session one message at a time, as the session
 * asks for them, and the post is answered once all are taken; what the session sends waits for the client's next poll.
 * Confined to the core. The queues are bounded by the session, which has few frames on their way, and by the size of one
 * post.
 */
final class ExchangeSession implements SessionTransport {
  /** How long a poll may wait; proxies commonly cut a request after 30 s or more. */
  static final Duration POLL_MAX = Duration.ofSeconds(20);
  /** A client that has asked for nothing for so long is gone. */
  static final Duration SILENCE_MAX = Duration.ofSeconds(60);

  /** A request that waits for its answer; called on the core, must not block. */
  interface Answer {
    /**
     * Messages for a poll, none if nothing came in time.
     *
     * @param over whether the session is over with them
     * @param sent to be run on the core once they have left the process
     */
    void messages(List<Frame> frames, boolean over, Runnable sent);

    /** A post is taken. */
    void taken();

    /** The request cannot be served. */
    void refused(RebasisException reason);
  }

  private record Outgoing(Frame frame, Runnable sent) {}

  private final String id = UUID.randomUUID().toString();
  private final WireCodec codec;
  private final String user;
  private final Executor core;
  private final ArrayDeque<Outgoing> outgoing = new ArrayDeque<>();
  private final ArrayDeque<Message.FromClient> incoming = new ArrayDeque<>();
  private ClientSession session;
  private Answer posting;
  private Answer polling;
  private Instant pollSince;
  private Instant heard;
  private long lastPost;
  private long lastPoll;
  private int demanded;
  private boolean delivering;
  private boolean over;
  /** The client has been told that it is over, or has gone. */
  private boolean ended;

  ExchangeSession(WireCodec codec, Access access, Executor core, Instant now) {
    this.codec = codec;
    this.user = access.userName();
    this.core = core;
    this.heard = now;
  }

  /**
   * Begins the session with its first messages.
   *
   * @return whether there is one; if not, the answer says why
   */
  boolean open(ServerMachine machine, Access access, List<Message.FromClient> first, Instant now, Answer answer) {
    session = machine.opened(this, now, access);
    if (over) {
      polling = answer;
      flush();
      return false;
    }
    post(1, first, now, answer);
    return true;
  }

  /** The secret that its requests name; for any thread. */
  String id() {
    return id;
  }

  /** In which form its messages travel; for any thread. */
  WireCodec codec() {
    return codec;
  }

  /** The user's name; null for one without. For any thread. */
  String userName() {
    return user;
  }

  /** Whether a request of this user may be one of this session; for any thread. */
  boolean isOf(Access access) {
    return user == null ? access.userName() == null : user.equals(access.userName());
  }

  /** Whether it can be forgotten. */
  boolean isEnded() {
    return ended;
  }

  // ---- requests ----

  /** The next post; a number that was used may be a repetition by a proxy. */
  void post(long number, List<Message.FromClient> messages, Instant now, Answer answer) {
    heard = now;
    if (over) {
      // What the session said of it comes with the next poll.
      answer.taken();
    } else if (number != lastPost + 1 || posting != null) {
      answer.refused(ExchangeErrors.outOfOrder("post", number, lastPost + 1));
      session.malformed(ExchangeErrors.outOfOrder("post", number, lastPost + 1));
    } else {
      lastPost = number;
      posting = answer;
      incoming.addAll(messages);
      deliver();
    }
  }

  /** The next poll. */
  void poll(long number, Instant now, Answer answer) {
    heard = now;
    if (over && outgoing.isEmpty()) {
      ended = true;
      answer.refused(ExchangeErrors.over());
    } else if (number != lastPoll + 1 || polling != null) {
      answer.refused(ExchangeErrors.outOfOrder("poll", number, lastPoll + 1));
      session.malformed(ExchangeErrors.outOfOrder("poll", number, lastPoll + 1));
    } else {
      lastPoll = number;
      polling = answer;
      pollSince = now;
      flush();
    }
  }

  /** What was posted is no message. */
  void malformed(RebasisException reason) {
    session.malformed(reason);
  }

  /** The client can no longer be reached. */
  void gone() {
    over = true;
    ended = true;
    outgoing.clear();
    incoming.clear();
    refusePost();
    polling = null;
    session.closed();
  }

  /** Ends polls that have waited long, and sessions whose client is gone. */
  void tick(Instant now) {
    if (polling != null && now.isAfter(pollSince.plus(POLL_MAX))) {
      heard = now;
      answerPoll(List.of(), () -> { });
    } else if (polling == null && posting == null && now.isAfter(heard.plus(SILENCE_MAX))) {
      gone();
    }
  }

  private void deliver() {
    if (delivering || session == null) {
      return;
    }
    delivering = true;
    while (!over && demanded > 0 && !incoming.isEmpty()) {
      demanded--;
      SyncSocket.hand(session, incoming.poll());
    }
    delivering = false;
    if (over) {
      refusePost();
    } else if (incoming.isEmpty() && posting != null) {
      Answer answer = posting;
      posting = null;
      answer.taken();
    }
  }

  private void refusePost() {
    incoming.clear();
    if (posting != null) {
      Answer answer = posting;
      posting = null;
      answer.taken();
    }
  }

  // ---- from the session ----

  @Override
  public void send(Frame frame, Runnable sent) {
    outgoing.add(new Outgoing(frame, sent));
    flush();
  }

  @Override
  public void demand() {
    demanded++;
    deliver();
  }

  @Override
  public void close(boolean normal, String reason) {
    over = true;
    refusePost();
    flush();
  }

  private void flush() {
    if (polling == null || outgoing.isEmpty() && !over) {
      return;
    }
    List<Outgoing> all = List.copyOf(outgoing);
    outgoing.clear();
    List<Frame> frames = new ArrayList<>();
    all.forEach(one -> frames.add(one.frame()));
    answerPoll(frames, () -> core.execute(() -> all.forEach(one -> one.sent().run())));
  }

  private void answerPoll(List<Frame> frames, Runnable sent) {
    Answer answer = polling;
    polling = null;
    ended |= over;
    answer.messages(frames, over, sent);
  }
}
