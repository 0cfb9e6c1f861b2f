package dev.rebasis.server.internal.session;

/**
 * The way to one client. The machine calls it on the core only; it must not block. An implementation in production is a
 * WebSocket, in simulations a virtual link.
 */
public interface SessionTransport {
  /**
   * Sends a message, in the order of the calls.
   *
   * @param frame the message
   * @param sent to be run on the core once the frame has left the process (a virtual link may run it at once, and one
   *     that is cut never)
   */
  void send(Frame frame, Runnable sent);

  /** The machine takes one more message. It asks once for each message that it is ready for. */
  void demand();

  /**
   * Closes the connection after what was sent before. {@link ClientSession#closed()} need not be called then.
   *
   * @param normal true if both sides are done, false if the client did something wrong
   * @param reason in words
   */
  void close(boolean normal, String reason);
}
