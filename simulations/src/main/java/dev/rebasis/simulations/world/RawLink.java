package dev.rebasis.simulations.world;

import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.codec.WireCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A connection to the server without a client behind it, to send what no client would. Confined. */
public final class RawLink implements VirtualNetwork.Receiver {
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final World world;
  private final WireCodec codec;
  private final List<Message> answers = new ArrayList<>();
  private VirtualNetwork.Link link;

  /** Connects. */
  public RawLink(World world, String name) {
    this.world = world;
    this.codec = world.clientCodec(name);
    world.network().connect(name, this, connected -> link = connected, refused -> { });
    world.advance(PATIENCE);
    if (link == null) {
      throw new IllegalStateException("the server does not take the connection");
    }
  }

  /** Sends a message. */
  public void send(Message message) {
    sendBytes(codec.encode(message));
  }

  /** Sends any bytes. */
  public void sendBytes(byte[] bytes) {
    link.send(bytes);
    world.advance(PATIENCE);
  }

  /** What came back so far. */
  public List<Message> answers() {
    return List.copyOf(answers);
  }

  @Override
  public void received(byte[] message) {
    answers.add(codec.decode(message));
  }

  @Override
  public void closed(String reason) {
    // Nothing holds on to the connection; the answers so far are what counts.
  }
}
