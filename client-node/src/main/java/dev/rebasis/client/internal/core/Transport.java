package dev.rebasis.client.internal.core;

import dev.rebasis.client.Credentials;
import dev.rebasis.error.RebasisException;
import java.util.UUID;

/** Opens connections to one server. Thread-safe. */
public interface Transport {
  /**
   * Begins to open a connection; returns at once.
   *
   * @param listener is told what becomes of it
   */
  Link open(Listener listener);

  /** Shows other credentials from the next connection on. */
  default void credentials(Credentials credentials) {}

  /** Whether {@link #load} works. */
  default boolean canLoad() {
    return false;
  }

  /**
   * Begins to load what follows on a T; returns at once. Nothing comes before {@link Load#more}.
   *
   * @param store the store's id: the load brings what its session is to hold
   * @param listener is told what comes
   */
  default Load load(long afterT, UUID store, LoadListener listener) {
    throw new UnsupportedOperationException("this transport cannot load");
  }

  /** A load that is on its way. Thread-safe. */
  interface Load {
    /** One more message may come. */
    void more();

    /** Ends it; nothing is told after this. To cancel twice does nothing. */
    void cancel();
  }

  /** What a load tells. The calls come one after the other, from any thread. */
  interface LoadListener {
    /** A whole message came, in CBOR. The array is the listener's. */
    void received(byte[] message);

    /**
     * No more will come: it was refused or cut. The last call; a load that is whole ends without it.
     *
     * @param cause says as well when to come back at the earliest, if the server did
     */
    void failed(RebasisException cause);
  }

  /** One connection. Thread-safe. */
  interface Link {
    /**
     * Sends a message; returns at once. Once it cannot be sent any more the listener is told that the connection is
     * closed.
     */
    void send(byte[] message);

    /** Closes after what was sent; nothing is told after this. To close twice does nothing. */
    void close(String reason);
  }

  /** What a connection tells. The calls come one after the other, from any thread. */
  interface Listener {
    /**
     * The connection is open.
     *
     * @param subprotocol what the server chose, for example {@code rebasis.cbor}
     */
    void opened(String subprotocol);

    /**
     * The same by a server that told how large a message it takes.
     *
     * @param messageBytesMax in bytes
     */
    default void opened(String subprotocol, int messageBytesMax) {
      opened(subprotocol);
    }

    /** A whole message came. The array is the listener's. */
    void received(byte[] message);

    /** The connection could not be opened, or is gone. The last call. */
    void closed(RebasisException cause);
  }
}
