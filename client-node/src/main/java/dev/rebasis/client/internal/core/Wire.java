package dev.rebasis.client.internal.core;

import dev.rebasis.client.internal.sync.PushQueue;
import dev.rebasis.client.internal.sync.SyncMachine;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.codec.WireCodec;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The connection and the load of the current session: turns messages into bytes and bytes into messages. Confined to the
 * sync executor's tasks, but for the counters; what arrives is decoded on the transport's threads, beside the sync thread.
 */
final class Wire {
  /** What comes of it; called by any thread. */
  interface Events {
    void connected(long session);

    /**
     * A message has come.
     *
     * @param bytes its size
     */
    void received(long session, Message.FromServer message, int bytes);

    void unreadable(long session, RebasisException cause);

    void disconnected(long session, RebasisException cause);

    void loadArrived(long session, Message.FromServer message);

    void loadFailed(long session, RebasisException cause);
  }

  private static final Limits OURS = Limits.client();

  private final Transport transport;
  private final Events events;
  private final AtomicLong bytesSent = new AtomicLong();
  private final AtomicLong bytesReceived = new AtomicLong();

  private Connection connection;
  private Transport.Link link;
  private Transport.Load load;

  Wire(Transport transport, Events events) {
    this.transport = transport;
    this.events = events;
  }

  /** Bytes of messages, before any compression. */
  long bytesSent() {
    return bytesSent.get();
  }

  /** Bytes of messages, after any compression was undone. */
  long bytesReceived() {
    return bytesReceived.get();
  }

  /** Opens the connection of a session, which is the current one from now on. */
  void connect(long session) {
    endLoad();
    connection = new Connection(session);
    link = transport.open(connection);
  }

  private void endLoad() {
    if (load != null) {
      load.cancel();
      load = null;
    }
  }

  private final class Connection implements Transport.Listener {
    private final long session;
    /** Null before the connection is open. */
    private volatile WireCodec codec;
    /** So many pushes were sent: the server counts them too. */
    private long pushes;

    Connection(long session) {
      this.session = session;
    }

    @Override
    public void opened(String subprotocol) {
      opened(subprotocol, OURS.sendBytesMax());
    }

    @Override
    public void opened(String subprotocol, int messageBytesMax) {
      codec = codecFor(subprotocol, OURS.withBytes(
          OURS.receiveBytesMax(), Math.min(messageBytesMax, OURS.sendBytesMax())));
      events.connected(session);
    }

    @Override
    public void received(byte[] message) {
      bytesReceived.addAndGet(message.length);
      try {
        events.received(session, fromServer(codec.decode(message)), message.length);
      } catch (RebasisException e) {
        events.unreadable(session, e);
      }
    }

    @Override
    public void closed(RebasisException cause) {
      events.disconnected(session, cause);
    }
  }

  private static Message.FromServer fromServer(Message message) {
    if (message instanceof Message.FromServer decoded) {
      return decoded;
    }
    throw SyncMachine.notForClients("'" + message.type() + "'");
  }

  private static WireCodec codecFor(String subprotocol, Limits limits) {
    return subprotocol.equals(Subprotocols.JSON) ? WireCodec.json(limits) : WireCodec.cbor(limits);
  }

  /**
   * What of a push the server does not take. Immutable.
   *
   * @param intents one transaction, or a group; neither it nor what came after it in the push was sent
   */
  record TooLarge(List<Intent> intents, RebasisException reason) {}

  /**
   * Sends a message of a session; dropped if it is not the current one, or not open.
   *
   * @return what is too large for this server; null if all was sent, or dropped
   */
  TooLarge send(long session, Message.FromClient message) {
    WireCodec codec = isCurrent(session) && link != null ? connection.codec : null;
    if (codec == null) {
      return null;
    }
    if (message instanceof Message.Push push) {
      return send(codec, push.intents(), push.known());
    }
    send(codec.encode(message));
    return null;
  }

  /** Halves a push until its parts are within what the server accepts; the estimate of their size may have been low. */
  private TooLarge send(WireCodec codec, List<Intent> intents, Map<Long, Long> known) {
    byte[] bytes;
    try {
      bytes = codec.encode(new Message.Push(intents, known, connection.pushes + 1));
    } catch (RebasisException e) {
      int half = intents.size() == 1 ? 0 : PushQueue.middle(intents);
      if (half == 0) {
        // What this client itself allows was checked before the transaction was stored.
        return new TooLarge(intents, tooLarge(intents.get(0), e));
      }
      TooLarge first = send(codec, intents.subList(0, half), known);
      return first != null ? first : send(codec, intents.subList(half, intents.size()), known);
    }
    connection.pushes++;
    send(bytes);
    return null;
  }

  private static RebasisException tooLarge(Intent intent, RebasisException cause) {
    return new RebasisException(Keyword.of(":rebasis.error/transaction-too-large"), ErrorCategory.ASK_PERSON,
        "The transaction " + intent.id() + " is larger than this server takes (" + cause.getMessage()
            + "). It was not sent. Have the server's operator raise --max-message-bytes and retry it, or discard it and make"
            + " it in parts.",
        Map.of(Keyword.of(":id"), intent.id()), cause);
  }

  private void send(byte[] bytes) {
    bytesSent.addAndGet(bytes.length);
    link.send(bytes);
  }

  private boolean isCurrent(long session) {
    return connection != null && connection.session == session;
  }

  /** Begins a load for a session. */
  void load(long session, long afterT, UUID store) {
    WireCodec decoder = codecFor(Subprotocols.CBOR, OURS);
    load = transport.load(afterT, store, new Transport.LoadListener() {
      @Override
      public void received(byte[] message) {
        bytesReceived.addAndGet(message.length);
        try {
          events.loadArrived(session, fromServer(decoder.decode(message)));
        } catch (RebasisException e) {
          events.loadFailed(session, e);
        }
      }

      @Override
      public void failed(RebasisException cause) {
        events.loadFailed(session, cause);
      }
    });
  }

  /** One more message of the session's load may come. */
  void loadMore(long session) {
    if (isCurrent(session) && load != null) {
      load.more();
    }
  }

  /** Closes the connection of a session, if it is the current one. */
  void disconnect(long session, String reason) {
    if (isCurrent(session)) {
      endLoad();
      if (link != null) {
        link.close(reason);
        link = null;
      }
    }
  }
}
