package dev.rebasis.simulations.sim;

import dev.rebasis.client.internal.db.Overlay;
import dev.rebasis.client.internal.rebase.OptimisticState;
import dev.rebasis.protocol.Message;
import dev.rebasis.simulations.world.ClientNode;
import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.Map;

/** A sabotage of what clients show: once a write is sent, it is in the view no more, though nobody has decided it. */
final class ForgetfulView implements Sabotage {
  private final Map<String, ClientNode> clients = new HashMap<>();

  @Override
  public void client(ClientNode client) {
    clients.put(client.name(), client);
  }

  @Override
  public Message fromClient(String client, Message message) {
    if (message instanceof Message.Push && clients.containsKey(client) && clients.get(client).isRunning()) {
      forget(clients.get(client).client());
    }
    return message;
  }

  private static void forget(Object core) {
    try {
      Object transactions = read(core, "state");
      Object state = read(transactions, "state");
      Object layers = field(OptimisticState.class, "layers").get(state);
      field(layers.getClass(), "overlay").set(layers, Overlay.EMPTY);
      field(layers.getClass(), "optimisticValue").set(layers, null);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("the planted fault could not be planted", e);
    }
  }

  private static Object read(Object owner, String name) throws ReflectiveOperationException {
    return field(owner.getClass(), name).get(owner);
  }

  private static Field field(Class<?> owner, String name) throws ReflectiveOperationException {
    Field field = owner.getDeclaredField(name);
    field.setAccessible(true);
    return field;
  }
}
