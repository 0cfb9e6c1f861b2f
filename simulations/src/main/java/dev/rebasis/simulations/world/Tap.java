package dev.rebasis.simulations.world;

import dev.rebasis.protocol.Message;
import dev.rebasis.server.internal.master.Master;
import java.util.List;

/**
 * Someone who sits on a world's lines: sees every message, may put another in its place, and is told when a client has
 * handled one. The methods do nothing unless overridden. Confined to the world's thread.
 */
public interface Tap {
  /** A tap that only lets through. */
  Tap NONE = new Tap() { };

  /**
   * A client sends a message.
   *
   * @return what goes out in its place, the same one as a rule; null for nothing
   */
  default Message fromClient(String client, Message message) {
    return message;
  }

  /**
   * The server sends a message to a client.
   *
   * @return what goes out in its place, in order; the same one and no other as a rule
   */
  default List<Message> fromServer(String client, Message message) {
    return List.of(message);
  }

  /** A client's message has arrived at the server and is about to be handled. */
  default void arrivedAtServer(String client, Message message) { }

  /** A message has arrived at a client and is about to be handled. */
  default void arrivedAtClient(String client, Message message) { }

  /** A client has handled a message and still runs. */
  default void handled(ClientNode client) { }

  /** The master that the server's sessions work on, for those who put another in between. */
  default Master master(Master master) {
    return master;
  }
}
