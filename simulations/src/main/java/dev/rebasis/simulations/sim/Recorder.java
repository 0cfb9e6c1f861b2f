package dev.rebasis.simulations.sim;

import dev.rebasis.protocol.Fork;
import dev.rebasis.protocol.Message;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.simulations.world.ClientNode;
import dev.rebasis.simulations.world.Tap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/** Writes every message into the trace, and has the witness look at a client whenever it has handled one. Confined. */
final class Recorder implements Tap {
  /** A plan of 40 writes and four clients needs some hundred. */
  private static final int MESSAGES_MAX = 2_000;
  private static final int MESSAGES_OF_A_WRITE_MAX = 100;
  private static final int USUAL_CLIENTS = 4;

  private final Stage stage;
  private final Sabotage sabotage;
  private final Random random;
  private final double insideShare;
  private final Map<UUID, Integer> labels = new HashMap<>();
  /** The forks that a client is just being told of. */
  private final Map<String, List<Fork>> welcomed = new HashMap<>();
  /** What each client said last that it holds. */
  private final Map<String, Long> saidT = new HashMap<>();
  /** Who has just asked for a comparison, which a client does when it is level with its server. */
  private final Set<String> level = new HashSet<>();
  private final int messagesMax;
  private int messages;

  /**
   * Makes a recorder.
   *
   * @param random decides when to look inside a client
   * @param insideShare of how many of the messages that it handled, 0 to 1
   * @param plan what is played: each write is told to each client
   */
  Recorder(Stage stage, Sabotage sabotage, Random random, double insideShare, Plan plan) {
    this.stage = stage;
    this.sabotage = sabotage;
    this.random = random;
    this.insideShare = insideShare;
    this.messagesMax = (MESSAGES_MAX + MESSAGES_OF_A_WRITE_MAX * plan.writes()) * Math.max(1, plan.clients() / USUAL_CLIENTS);
  }

  /** Programs that talk without end would fill the trace instead of time. */
  private void count() {
    stage.tally.message();
    if (++messages > messagesMax) {
      throw new EndlessTalk(messagesMax);
    }
  }

  /** More messages than any plan needs. An error, since programs may catch exceptions. */
  static final class EndlessTalk extends Error {
    private static final long serialVersionUID = 1;

    EndlessTalk(int max) {
      super("more than " + max + " messages were sent");
    }
  }

  /** From now on a transaction is called by its label. */
  void label(UUID id, int label) {
    labels.put(id, label);
  }

  /** What a transaction is called; a question mark for one that nobody was told of. */
  String labelOf(UUID id) {
    return labels.containsKey(id) ? labels.get(id).toString() : "?";
  }

  @Override
  public Message fromClient(String client, Message message) {
    if (message instanceof Message.Push push) {
      push.intents().forEach(intent -> stage.witness.pushes(intent, push.known()));
    }
    if (message instanceof Message.Hello hello) {
      saidT.put(client, hello.t());
    }
    if (message instanceof Message.Verify) {
      level.add(client);
    }
    Message out = sabotage.fromClient(client, message);
    stage.tell(client, "> " + Dispatches.text(message, labels));
    count();
    return out;
  }

  @Override
  public List<Message> fromServer(String client, Message message) {
    List<Message> out = sabotage.fromServer(client, message);
    stage.tell(Step.SERVER, "> " + client + " " + Dispatches.text(message, labels));
    count();
    return out;
  }

  @Override
  public void arrivedAtServer(String client, Message message) {
    stage.tell(Step.SERVER, "< " + client + " " + Dispatches.text(message, labels));
  }

  @Override
  public void arrivedAtClient(String client, Message message) {
    stage.tell(client, "< " + Dispatches.text(message, labels));
    if (message instanceof Message.Welcome welcome) {
      welcomed.put(client, welcome.forks());
    }
    if (message instanceof Message.Verified verified && verified.known() && !verified.different().isEmpty()) {
      stage.digestsDiffer(client, verified);
    }
  }

  @Override
  public void handled(ClientNode client) {
    stage.buryFailed();
    if (client.isRunning()) {
      stage.witness.look(client);
      if (level.remove(client.name())) {
        stage.witness.level(client.name());
      }
      List<Fork> forks = welcomed.remove(client.name());
      if (forks != null) {
        stage.witness.welcomed(client, saidT.getOrDefault(client.name(), 0L), forks);
      }
      if (random.nextDouble() < insideShare) {
        stage.lookInside(client);
      }
    }
    stage.note();
  }

  @Override
  public Master master(Master master) {
    return sabotage.master(master);
  }
}
