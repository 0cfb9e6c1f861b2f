package dev.rebasis.server.internal.session;

import dev.rebasis.digest.Digest;
import dev.rebasis.error.RebasisException;
import java.util.Optional;

/** What one session is sent of the database, message by message. Confined to the core. */
interface Feed {
  /**
   * One message.
   *
   * @param frame the message
   * @param datoms how many datoms it holds
   */
  record Piece(Frame frame, long datoms) {}

  /**
   * The next message, or null if there is nothing to send now.
   *
   * @throws dev.rebasis.error.RebasisException if what the client wants can no longer be told
   */
  Piece next();

  /** Why there will be nothing to send any more; null as long as there may be. */
  default RebasisException fault() {
    return null;
  }

  /** Up to this T everything was sent that the session is to see. */
  long cursor();

  /** A message that brings a client to {@link #cursor()} that saw nothing of the last transactions; null if it is there. */
  Piece level();

  /**
   * The server's digest to compare a client's with; empty if it cannot be told for this T.
   *
   * @param theirs the client's, which may be changed so that what is not compared is alike in both
   */
  Optional<Digest> digest(long t, Digest theirs);

  /** The session is over. */
  void close();
}
