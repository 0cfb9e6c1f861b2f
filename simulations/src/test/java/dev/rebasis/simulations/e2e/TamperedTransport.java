package dev.rebasis.simulations.e2e;

import dev.rebasis.client.Credentials;
import dev.rebasis.client.internal.core.ClientEnvironment;
import dev.rebasis.client.internal.core.Subprotocols;
import dev.rebasis.client.internal.core.Transport;
import dev.rebasis.client.wiring.SystemEnvironment;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.codec.WireCodec;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** A client's real connection on which what the server says becomes something else, or is swallowed. Thread-safe. */
final class TamperedTransport implements Transport {
  private static final WireCodec CBOR = WireCodec.cbor(new Limits(1 << 26, 1 << 26, 256, 1 << 24, 1 << 24, 1_024, 1_000_000, 10_000, 10_000));

  private final Transport real;
  private final UnaryOperator<Message> change;

  private TamperedTransport(Transport real, UnaryOperator<Message> change) {
    this.real = real;
    this.change = change;
  }

  /** The system's environment with such a connection; {@code change} gives null for a datom that is lost. */
  static ClientEnvironment environment(URI server, UnaryOperator<Datom> change) {
    return environment(server, Credentials.none(), message -> changed(message, change));
  }

  /** The system's environment with such a connection; {@code change} gives null for a message that is swallowed. */
  static ClientEnvironment environment(URI server, Credentials credentials, UnaryOperator<Message> change) {
    SystemEnvironment system = new SystemEnvironment(server, Subprotocols.CBOR, credentials);
    Transport tampered = new TamperedTransport(system.transport(), change);
    return (ClientEnvironment) Proxy.newProxyInstance(TamperedTransport.class.getClassLoader(),
        new Class<?>[] {ClientEnvironment.class}, (proxy, method, arguments) -> {
          if (method.getName().equals("transport")) {
            return tampered;
          }
          try {
            return method.invoke(system, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
  }

  @Override
  public Link open(Listener listener) {
    return real.open(new Listener() {
      @Override
      public void opened(String subprotocol) {
        listener.opened(subprotocol);
      }

      @Override
      public void received(byte[] message) {
        Message before = CBOR.decode(message);
        Message after = change.apply(before);
        if (after != null) {
          listener.received(after == before ? message : CBOR.encode(after));
        }
      }

      @Override
      public void closed(RebasisException cause) {
        listener.closed(cause);
      }
    });
  }

  /** The message with other datoms, none for null. */
  static Message changed(Message message, UnaryOperator<Datom> change) {
    if (!(message instanceof Message.Transactions transactions)) {
      return message;
    }
    List<Transaction> changed = new ArrayList<>();
    for (Transaction transaction : transactions.transactions()) {
      List<Datom> datoms = new ArrayList<>();
      for (Datom datom : transaction.datoms()) {
        Datom other = change.apply(datom);
        if (other != null) {
          datoms.add(other);
        }
      }
      changed.add(new Transaction(transaction.t(), datoms));
    }
    return new Message.Transactions(transactions.follows(), changed, transactions.basisT());
  }
}
