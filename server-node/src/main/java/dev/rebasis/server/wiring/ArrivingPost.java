package dev.rebasis.server.wiring;

import dev.rebasis.error.RebasisException;
import java.util.function.BiConsumer;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The body of one post while it comes, without a thread that waits. It takes room, and is given time, by what has come of it: what its
 * sender says that it will send is a word. One thread at a time.
 */
final class ArrivingPost {
  private static final Logger LOG = LoggerFactory.getLogger(ArrivingPost.class);

  private final Request request;
  private final Arriving arriving;
  private final SlowReaders.Reader sender;
  private BiConsumer<byte[], RebasisException> then;

  ArrivingPost(Request request, Arriving arriving, SlowReaders slow) {
    this.request = request;
    this.arriving = arriving;
    this.sender = slow.begin(request);
  }

  /**
   * Begins.
   *
   * @param whenRead told once: the whole body, whose room it gives back, or why there is none
   */
  void read(BiConsumer<byte[], RebasisException> whenRead) {
    then = whenRead;
    sender.begins(0);
    more();
  }

  private void more() {
    while (true) {
      Content.Chunk chunk = request.read();
      if (chunk == null) {
        request.demand(this::more);
        return;
      }
      if (Content.Chunk.isFailure(chunk)) {
        LOG.debug("A post could not be read: {}", chunk.getFailure().toString());
        arriving.giveUp();
        end(null, ExchangeErrors.malformed("it was cut"));
        return;
      }
      if (taken(chunk)) {
        return;
      }
    }
  }

  /** Whether there is nothing more to read. */
  private boolean taken(Content.Chunk chunk) {
    byte[] part = new byte[chunk.remaining()];
    boolean last = chunk.isLast();
    chunk.getByteBuffer().get(part);
    chunk.release();
    sender.arrived(part.length);
    try {
      byte[] whole = arriving.add(part, last);
      if (whole != null) {
        end(whole, null);
      }
      return whole != null;
    } catch (RebasisException e) {
      end(null, e);
      return true;
    }
  }

  private void end(byte[] whole, RebasisException failure) {
    sender.close();
    then.accept(whole, failure);
  }
}
