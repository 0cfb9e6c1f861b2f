package dev.rebasis.server.internal.session;

import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.protocol.Standing;
import dev.rebasis.server.internal.master.Access;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** The other end of a session, without a network. Frames leave at once unless {@link #slow} is set. */
final class VirtualClient implements SessionTransport {
  final List<Message> received = new ArrayList<>();
  final List<Frame> frames = new ArrayList<>();
  final ArrayDeque<Runnable> unsent = new ArrayDeque<>();
  final UUID store;
  ClientSession session;
  /** What the next hello names. */
  UUID token;
  boolean slow;
  boolean closed;
  boolean closedNormally;
  int demands;

  private VirtualClient(UUID store) {
    this.store = store;
  }

  static VirtualClient connect(ServerMachine machine, long store) {
    VirtualClient client = new VirtualClient(new UUID(1, store));
    client.session = machine.opened(client, Instant.EPOCH);
    return client;
  }

  static VirtualClient connect(ServerMachine machine, long store, Access access) {
    VirtualClient client = new VirtualClient(new UUID(1, store));
    client.session = machine.opened(client, Instant.EPOCH, access);
    return client;
  }

  VirtualClient hello(UUID database, long t, long credit) {
    session.received(new Message.Hello(ProtocolVersion.CURRENT, Set.of(), store, 0, database, t, credit,
        new Standing(token, null, null, null)));
    return this;
  }

  /** The token that the server gave. */
  UUID given() {
    return last(Message.Welcome.class).token();
  }

  void push(Intent... intents) {
    session.received(new Message.Push(List.of(intents)));
  }

  @Override
  public void send(Frame frame, Runnable sent) {
    received.add(frame.message());
    frames.add(frame);
    if (slow) {
      unsent.add(sent);
    } else {
      sent.run();
    }
  }

  @Override
  public void demand() {
    demands++;
  }

  @Override
  public void close(boolean normal, String reason) {
    closed = true;
    closedNormally = normal;
  }

  <M extends Message> List<M> all(Class<M> type) {
    return received.stream().filter(type::isInstance).map(type::cast).toList();
  }

  <M extends Message> M last(Class<M> type) {
    List<M> all = all(type);
    return all.get(all.size() - 1);
  }

  /** The Ts received, in order; fails if a message does not follow on the one before. */
  List<Long> ts(long from) {
    List<Long> ts = new ArrayList<>();
    long last = from;
    for (Message.Transactions message : all(Message.Transactions.class)) {
      if (message.follows() != last) {
        throw new AssertionError("a gap: " + message.follows() + " after " + last);
      }
      message.transactions().forEach(transaction -> ts.add(transaction.t()));
      last = ts.get(ts.size() - 1);
    }
    return ts;
  }
}
