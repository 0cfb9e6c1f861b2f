package dev.rebasis.simulations.e2e;

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

/** A client's real connection on which single datoms of the server's transactions become others. Thread-safe. */
final class TamperedTransport implements Transport {
  private static final WireCodec CBOR = WireCodec.cbor(new Limits(1 << 26, 1 << 26, 256, 1 << 24, 1 << 24, 1_024, 1_000_000, 10_000, 10_000));

  private final Transport real;
  private final UnaryOperator<Datom> change;

  private TamperedTransport(Transport real, UnaryOperator<Datom> change) {
    this.real = real;
    this.change = change;
  }

  /** The system's environment with such a connection; {@code change} gives null for a datom that is lost. */
  static ClientEnvironment environment(URI server, UnaryOperator<Datom> change) {
    SystemEnvironment system = new SystemEnvironment(server, Subprotocols.CBOR);
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
        listener.received(changed(message));
      }

      @Override
      public void closed(RebasisException cause) {
        listener.closed(cause);
      }
    });
  }

  private byte[] changed(byte[] message) {
    if (!(CBOR.decode(message) instanceof Message.Transactions transactions)) {
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
    return CBOR.encode(new Message.Transactions(transactions.follows(), changed, transactions.basisT()));
  }
}
