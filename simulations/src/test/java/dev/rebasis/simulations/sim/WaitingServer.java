package dev.rebasis.simulations.sim;

import dev.rebasis.protocol.Message;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A server that keeps all clients in step: nobody is sent what follows a T before every client that it knows was sent that T. Once
 * the slowest has come, everybody gets what was held back; so it shows only where some stay dead while the others are
 * healed.
 */
final class WaitingServer implements Sabotage {
  private final Map<String, Long> sentT = new HashMap<>();
  private final Map<String, List<Message>> held = new HashMap<>();

  @Override
  public Message fromClient(String client, Message message) {
    if (message instanceof Message.Hello hello) {
      // What was held back for its last connection is sent anew.
      held.remove(client);
      sentT.merge(client, hello.t(), Math::max);
    }
    return message;
  }

  @Override
  public List<Message> fromServer(String client, Message message) {
    List<Message> waiting = held.computeIfAbsent(client, made -> new ArrayList<>());
    waiting.add(message);
    List<Message> out = new ArrayList<>();
    while (!waiting.isEmpty() && !isTooEarly(client, waiting.get(0))) {
      Message next = waiting.remove(0);
      if (next instanceof Message.Transactions sent) {
        sentT.merge(client, sent.transactions().get(sent.transactions().size() - 1).t(), Math::max);
      }
      out.add(next);
    }
    return out;
  }

  private boolean isTooEarly(String client, Message message) {
    return message instanceof Message.Transactions sent && sent.follows() > 0 && sentT.entrySet().stream()
        .anyMatch(other -> !other.getKey().equals(client) && other.getValue() < sent.follows());
  }
}
