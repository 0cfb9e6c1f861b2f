package dev.rebasis.server.wiring;

import dev.rebasis.data.Datom;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ProtocolVersion;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.ScopeSpec;
import dev.rebasis.protocol.Standing;
import dev.rebasis.protocol.Terms;
import dev.rebasis.server.RebasisServer;
import java.net.http.HttpClient;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Somebody with a token and a socket, who says what the protocol allows and no client of ours would say. One thread at a time.
 */
final class Attacker implements AutoCloseable {
  final TestSocket socket;
  private final RebasisServer server;
  private final long store;
  private final List<Datom> unread = new ArrayList<>();
  private UUID storeToken;
  private long seq;

  private Attacker(TestSocket socket, RebasisServer server, long store) {
    this.socket = socket;
    this.server = server;
    this.store = store;
  }

  /** A session with everything that the user may see. */
  static Attacker welcome(HttpClient http, RebasisServer server, String token, long store) throws InterruptedException {
    return welcomed(hello(http, server, token, store, null));
  }

  /** A session of another user with the same store, which is given up here: what happens when somebody else logs in. */
  Attacker handedTo(HttpClient http, String token) throws InterruptedException {
    close();
    return welcomed(hello(http, server, token, store, null, new Standing(storeToken, null, null, null)));
  }

  private static Attacker welcomed(Attacker attacker) throws InterruptedException {
    attacker.storeToken = attacker.socket.next(Message.Welcome.class).token();
    return attacker;
  }

  /** A hello whose answer is not read; null scopes for everything. */
  static Attacker hello(HttpClient http, RebasisServer server, String token, long store, List<ScopeSpec> scopes) {
    return hello(http, server, token, store, scopes, null);
  }

  private static Attacker hello(
      HttpClient http, RebasisServer server, String token, long store, List<ScopeSpec> scopes, Standing standing) {
    TestSocket socket = TestSocket.connect(http, server.uri(), "rebasis.cbor", token);
    socket.send(new Message.Hello(ProtocolVersion.CURRENT, Set.of("part"), new UUID(1, store), 0, null, 0, 10_000_000, standing,
        scopes, scopes));
    return new Attacker(socket, server, store);
  }

  /** The next transaction; its local numbers are ten apart, {@code datomic.tx} first. */
  Intent intent(String forms, String... tempids) {
    return intent(server.t(), forms, tempids);
  }

  Intent intent(long basisT, String forms, String... tempids) {
    Map<String, Long> numbers = new TreeMap<>(Map.of(Intent.TX_TEMPID, ++seq * 10));
    for (String tempid : tempids) {
      numbers.put(tempid, seq * 10 + numbers.size());
    }
    return new Intent(
        new UUID(store, seq), seq, basisT, Instant.EPOCH, new ArrayList<>((List<?>) Edn.read(forms)), numbers);
  }

  static Intent with(Intent intent, Terms terms) {
    return new Intent(
        intent.id(), intent.seq(), intent.basisT(), intent.madeAt(), intent.forms(), intent.tempids(), terms);
  }

  PushOutcome push(String forms, String... tempids) throws InterruptedException {
    return push(intent(forms, tempids), Map.of());
  }

  PushOutcome push(Intent intent, Map<Long, Long> known) throws InterruptedException {
    return pushAll(List.of(intent), known).get(0);
  }

  List<PushOutcome> pushAll(List<Intent> intents, Map<Long, Long> known) throws InterruptedException {
    socket.send(new Message.Push(intents, known));
    List<PushOutcome> outcomes = new ArrayList<>();
    while (outcomes.size() < intents.size()) {
      if (taken(socket.next(Message.class)) instanceof Message.Outcomes some) {
        outcomes.addAll(some.outcomes());
      }
    }
    return outcomes;
  }

  /** All datoms that were sent since the last call, until the session has caught up. */
  List<Datom> streamed() throws InterruptedException {
    socket.send(new Message.Sync(99, 0));
    Message last;
    do {
      last = taken(socket.next(Message.class));
    } while (!(last instanceof Message.Synced));
    List<Datom> datoms = List.copyOf(unread);
    unread.clear();
    return datoms;
  }

  private Message taken(Message message) {
    if (message instanceof Message.Transactions batch) {
      batch.transactions().forEach(transaction -> unread.addAll(transaction.datoms()));
    } else if (message instanceof Message.ScopeChange change) {
      unread.addAll(change.change().datoms());
    }
    return message;
  }

  /** Their values as one text. */
  String streamedText() throws InterruptedException {
    return streamed().stream().map(Datom::v).toList().toString();
  }

  @Override
  public void close() {
    socket.close();
  }
}
