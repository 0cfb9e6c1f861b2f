package dev.rebasis.server.wiring;

import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.protocol.Standing;
import dev.rebasis.protocol.codec.WireCodec;
import dev.rebasis.server.internal.session.ClientSession;
import dev.rebasis.server.internal.session.Frame;
import dev.rebasis.server.internal.session.ServerMachine;
import dev.rebasis.server.internal.session.SessionTransport;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/** A made-up client of the warm-up: says hello, pushes, and throws away what it is sent. Confined to the warm-up. */
final class WarmUpClient implements SessionTransport {
  private static final int PUSH = 64;
  private static final long CREDIT = Long.MAX_VALUE / 2;

  private final Consumer<String> closed;
  private final ClientSession session;
  private final WireCodec client = WireCodec.cbor(Limits.client());
  private final WireCodec server = WireCodec.cbor(Limits.server());
  private long seq;
  private long number;

  /**
   * Connects.
   *
   * @param closed told the reason when the server ends the session
   */
  WarmUpClient(ServerMachine machine, Consumer<String> closed) {
    this.closed = closed;
    this.session = machine.opened(this, Instant.now());
    receive(new Message.Hello(ProtocolVersion.CURRENT, Set.of(), UUID.randomUUID(), 0, null, 0, CREDIT, Standing.NONE));
  }

  /** How many transactions it has pushed. */
  long pushed() {
    return seq;
  }

  /** Pushes some, made on a T. */
  void push(long basisT) {
    List<Intent> intents = new ArrayList<>();
    for (int i = 0; i < PUSH; i++) {
      intents.add(intent(basisT));
    }
    receive(new Message.Push(intents));
  }

  /** Ends the session. */
  void leave() {
    session.closed();
  }

  private void receive(Message.FromClient message) {
    session.received((Message.FromClient) server.decode(client.encode(message)));
  }

  /** New entities, and now and then a change of an old one and a reference to it. */
  private Intent intent(long basisT) {
    seq++;
    long tx = ++number;
    long entity = ++number;
    String key = "key " + (seq % 8 == 0 ? seq / 2 : seq);
    List<Object> forms = seq % 4 == 0
        ? List.of(
            Map.of(Keyword.of(":db/id"), "e", Keyword.of(":warm/key"), key, Keyword.of(":warm/count"), seq),
            List.of(Keyword.of(":db/add"), "e", Keyword.of(":warm/other"),
                List.of(Keyword.of(":warm/key"), "key " + (seq / 4 * 2 + 1) / 2)))
        : List.of(Map.of(Keyword.of(":db/id"), "e", Keyword.of(":warm/key"), key, Keyword.of(":warm/name"), "name " + seq,
            Keyword.of(":warm/count"), seq, Keyword.of(":warm/at"), Instant.EPOCH));
    return new Intent(UUID.randomUUID(), seq, basisT, Instant.now().truncatedTo(ChronoUnit.MILLIS), forms,
        Map.of(Intent.TX_TEMPID, tx, "e", entity));
  }

  @Override
  public void send(Frame frame, Runnable sent) {
    frame.bytes(server);
    sent.run();
  }

  @Override
  public void demand() {
    // It pushes when it is told to, whether or not the server is ready for more.
  }

  @Override
  public void close(boolean normal, String reason) {
    closed.accept(reason);
  }
}
