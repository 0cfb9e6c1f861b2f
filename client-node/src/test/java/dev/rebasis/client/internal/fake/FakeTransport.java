package dev.rebasis.client.internal.fake;

import dev.rebasis.client.internal.core.Subprotocols;
import dev.rebasis.client.internal.core.Transport;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.codec.WireCodec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Connections of several clients to a {@link FakeServer}, through the real codec's bytes, on the test's own thread.
 * The test can cut them, swallow what the server says, and look at what was sent. Confined to one test.
 */
public final class FakeTransport implements Transport {
  private static final WireCodec CODEC = WireCodec.cbor(Limits.server());

  private final FakeServer server;
  private final UUID database;
  private final Map<UUID, Long> clients = new HashMap<>();
  private final List<Connection> connections = new ArrayList<>();
  private final List<Message> sent = new ArrayList<>();
  private boolean reachable = true;
  private int messageBytesMax = Limits.server().receiveBytesMax();
  private Predicate<Message> delivers = message -> true;
  private BiFunction<Message, List<Message>, List<Message>> comesAs = (message, before) -> List.of(message);
  private Predicate<Message> hearsTwice = message -> false;
  private Consumer<Message> onMessage = message -> { };

  /** Connections to a server whose database has this id. */
  public FakeTransport(FakeServer server, UUID database) {
    this.server = server;
    this.database = database;
  }

  /** Everything that clients sent so far. */
  public List<Message> sent() {
    return sent;
  }

  /** The server takes no larger messages on the connections that are made from now on. */
  public void messageBytesMax(int bytes) {
    messageBytesMax = bytes;
  }

  /** Only the messages of the server that fit are delivered. */
  public void deliverOnly(Predicate<Message> fits) {
    delivers = fits;
  }

  /**
   * What arrives when the server says something: it may come in parts, and what came before may come again.
   *
   * @param how from a message and those that arrived before it on the same connection to those that arrive now
   */
  public void deliverAs(BiFunction<Message, List<Message>, List<Message>> how) {
    comesAs = how;
  }

  /** Messages of clients that fit are heard by the server a second time at once. */
  public void hearTwice(Predicate<Message> fits) {
    hearsTwice = fits;
  }

  /** Is told of each message of a client before the server acts on it. */
  public void onMessage(Consumer<Message> listener) {
    onMessage = listener;
  }

  /** Cuts every connection and lets none be made. */
  public void cut() {
    reachable = false;
    List.copyOf(connections).forEach(Connection::cut);
  }

  /** Lets connections be made again. */
  public void heal() {
    reachable = true;
    delivers = message -> true;
    comesAs = (message, before) -> List.of(message);
    hearsTwice = message -> false;
  }

  /** Sends what the server committed by itself. */
  public void broadcast() {
    List.copyOf(connections).forEach(Connection::stream);
  }

  @Override
  public Link open(Listener listener) {
    Connection connection = new Connection(listener);
    if (reachable) {
      connections.add(connection);
      listener.opened(Subprotocols.CBOR, messageBytesMax);
    } else {
      listener.closed(unreachable());
    }
    return connection;
  }

  /** The transactions that are decided together, group by group. */
  private static List<List<Intent>> units(List<Intent> intents) {
    List<List<Intent>> units = new ArrayList<>();
    for (Intent intent : intents) {
      if (intent.terms().group() == null || intent.terms().group().index() == 0) {
        units.add(new ArrayList<>());
      }
      units.get(units.size() - 1).add(intent);
    }
    return units;
  }

  private static RebasisException unreachable() {
    return new RebasisException(
        Keyword.of(":rebasis.error/server-unreachable"), ErrorCategory.RETRY_LATER, "The cable is cut.");
  }

  private final class Connection implements Link {
    private final Listener listener;
    private long client;
    private final List<Message> arrived = new ArrayList<>();
    private long sentT = -1;

    Connection(Listener listener) {
      this.listener = listener;
    }

    void cut() {
      if (connections.remove(this)) {
        listener.closed(unreachable());
      }
    }

    @Override
    public void close(String reason) {
      connections.remove(this);
    }

    @Override
    public void send(byte[] bytes) {
      Message message = CODEC.decode(bytes);
      sent.add(message);
      onMessage.accept(message);
      if (!connections.contains(this)) {
        return;
      }
      if (message instanceof Message.Hello hello) {
        hello(hello);
      } else if (message instanceof Message.Push push) {
        push(push);
        if (hearsTwice.test(push)) {
          push(push);
        }
      } else if (message instanceof Message.Sync sync && sync.t() <= server.t()) {
        // One for a later T is not answered: the client sees for itself when it gets there.
        say(new Message.Synced(sync.ref(), server.t()));
      }
    }

    private void hello(Message.Hello hello) {
      client = clients.computeIfAbsent(hello.store(), store -> clients.size() + 1L);
      sentT = hello.t();
      say(new Message.Welcome(ProtocolVersion.CURRENT, Set.of(), database, client, server.t()));
      stream();
    }

    private void push(Message.Push push) {
      List<PushOutcome> outcomes = new ArrayList<>();
      for (List<Intent> unit : units(push.intents())) {
        outcomes.addAll(unit.get(0).terms().group() == null
            ? List.of(server.push(client, unit.get(0))) : server.pushTogether(client, unit));
      }
      broadcast();
      say(new Message.Outcomes(outcomes));
    }

    void stream() {
      List<Transaction> more = server.after(sentT);
      if (sentT >= 0 && !more.isEmpty()) {
        long follows = sentT;
        sentT = server.t();
        say(new Message.Transactions(follows, more, server.t()));
      }
    }

    private void say(Message message) {
      for (Message one : comesAs.apply(message, arrived)) {
        if (connections.contains(this) && delivers.test(one)) {
          arrived.add(one);
          listener.received(CODEC.encode(one));
        }
      }
    }
  }
}
