package dev.rebasis.simulations.world;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * Connections between named nodes and one server. A connection delivers messages in order, each after the delay of its
 * line ({@link LinkConditions}); it loses all that is under way when it is cut, and both ends learn of the cut. A line
 * can also fall silent in one direction or both: what is sent waits, neither end is told, and each gives the connection
 * up by itself after a while, as pings make it do. Confined: one thread owns it.
 */
public final class VirtualNetwork {
  /** One end of a connection, as the other end or the program above uses it. */
  public interface Link {
    /** Sends a message; silently lost if the connection is gone, as on a real network. */
    void send(byte[] message);

    /** Closes the connection; the other end learns of it after the delay. */
    void close(String reason);
  }

  /** What the program above an end of a connection is told. */
  public interface Receiver {
    /** A message arrived. */
    void received(byte[] message);

    /** The connection is gone; nothing more arrives. Called once. */
    void closed(String reason);
  }

  /** The two ways of a line. */
  public enum Direction {
    /** From the client to the server. */
    UP,
    /** From the server to the client. */
    DOWN
  }

  /** How long an end waits for a sign of life before it gives a connection up: its pings go unanswered. */
  public static final long SILENCE_MILLIS_MAX = 40_000;

  private static final long SILENCE_MILLIS_MIN = 20_000;
  private static final long CONNECT_TIMEOUT_MILLIS = 10_000;
  private static final int RETRANSMIT_MILLIS_MIN = 200;
  private static final int RETRANSMIT_MILLIS_MAX = 3_000;

  private final VirtualTime time;
  private final Random random;
  private final LinkConditions usual;
  private final Map<String, LinkConditions> conditions = new HashMap<>();
  private final Set<String> cutOff = new HashSet<>();
  private final Map<String, Set<Direction>> silent = new HashMap<>();
  private final List<Connection> open = new ArrayList<>();
  private BiFunction<String, Link, Receiver> server;

  /**
   * Makes a network.
   *
   * @param time whose tasks carry the messages
   * @param random decides delays and losses
   * @param delayMillis one way, 0 or more, of every line until it is told otherwise
   */
  public VirtualNetwork(VirtualTime time, Random random, long delayMillis) {
    this.time = time;
    this.random = random;
    this.usual = LinkConditions.steady(delayMillis);
  }

  /**
   * Starts to accept connections.
   *
   * @param acceptor gets the name of the node that connects and the server's end of the connection
   */
  public void listen(BiFunction<String, Link, Receiver> acceptor) {
    server = acceptor;
  }

  /** Stops to accept connections and breaks all that are open, as a crash does. */
  public void stopListening() {
    server = null;
    breakAll(null, "the server is down", true, false);
  }

  // ---- faults ----

  /** Cuts a node off: its connections break, what is under way is lost. */
  public void cut(String node) {
    cutOff.add(node);
    breakAll(node, "the network is cut", true, true);
  }

  /** Lets a node connect again. */
  public void heal(String node) {
    cutOff.remove(node);
  }

  /** Breaks a node's connections; it may connect again at once. What is under way is lost. */
  public void reset(String node) {
    breakAll(node, "connection reset", true, true);
  }

  /** Breaks a node's connections without telling the node itself, as a crash of the node does. */
  public void crash(String node) {
    breakAll(node, "the client is down", false, true);
  }

  /** Lets nothing through in some directions, without a word to either end, until {@link #unsilence}. */
  public void silence(String node, Set<Direction> directions) {
    silent.put(node, EnumSet.copyOf(directions));
    for (Connection connection : open) {
      if (connection.node.equals(node)) {
        connection.fallSilent();
      }
    }
  }

  /** Lets everything through again; what waited arrives, in order, on the connections that both ends still hold. */
  public void unsilence(String node) {
    if (silent.remove(node) != null) {
      for (Connection connection : List.copyOf(open)) {
        if (connection.node.equals(node)) {
          connection.flush();
        }
      }
    }
  }

  /** Sets how a node's line behaves from the next message on; null for the usual. */
  public void setConditions(String node, LinkConditions now) {
    if (now == null) {
      conditions.remove(node);
    } else {
      conditions.put(node, now);
    }
  }

  private void breakAll(String node, String reason, boolean tellClient, boolean tellServer) {
    for (Connection connection : List.copyOf(open)) {
      if (node == null || connection.node.equals(node)) {
        connection.breakOff(reason, tellClient, tellServer);
      }
    }
  }

  // ---- connections ----

  /**
   * Connects a node to the server.
   *
   * @param node the client's name
   * @param receiver learns of messages and of the end
   * @param connected gets the link once the connection stands
   * @param refused is told why if it cannot
   */
  public void connect(
      String node, Receiver receiver, Consumer<Link> connected,
      Consumer<String> refused) {
    time.schedule(delay(node), () -> {
      if (cutOff.contains(node)) {
        refused.accept("the network is cut");
      } else if (silent.containsKey(node)) {
        time.schedule(CONNECT_TIMEOUT_MILLIS, () -> refused.accept("the connection timed out"));
      } else if (server == null) {
        refused.accept("connection refused");
      } else {
        Connection connection = new Connection(node, receiver);
        open.add(connection);
        connection.up.target = server.apply(node, connection.link(connection.down));
        connected.accept(connection.link(connection.up));
      }
    });
  }

  /** Whether a node is cut off. */
  public boolean isCut(String node) {
    return cutOff.contains(node);
  }

  /** Whether a node's line is silent in one direction at least. */
  public boolean isSilent(String node) {
    return silent.containsKey(node);
  }

  /** How many messages are under way. */
  public int underWay() {
    return open.stream().mapToInt(connection -> connection.up.waiting.size() + connection.down.waiting.size()).sum();
  }

  /** How many connections stand. */
  public int connections() {
    return open.size();
  }

  private LinkConditions conditions(String node) {
    return conditions.getOrDefault(node, usual);
  }

  private long delay(String node) {
    LinkConditions now = conditions(node);
    if (now.isSteady()) {
      return now.delayMillisMin();
    }
    long delay = now.delayMillis(random);
    return random.nextDouble() < now.loss()
        ? delay + random.nextInt(RETRANSMIT_MILLIS_MIN, RETRANSMIT_MILLIS_MAX) : delay;
  }

  private boolean isSilent(String node, Direction direction) {
    return silent.getOrDefault(node, Set.of()).contains(direction);
  }

  /** One direction of one connection. */
  private static final class Lane {
    private final Direction direction;
    private final Queue<byte[]> waiting = new ArrayDeque<>();
    private Receiver target;
    private long lastArrivalMillis;
    private int held;
    private boolean alive = true;

    Lane(Direction direction) {
      this.direction = direction;
    }
  }

  private final class Connection {
    private final String node;
    private final Lane up = new Lane(Direction.UP);
    private final Lane down = new Lane(Direction.DOWN);

    Connection(String node, Receiver client) {
      this.node = node;
      this.down.target = client;
    }

    /** The end of the one who sends on this lane. */
    Link link(Lane lane) {
      return new Link() {
        @Override
        public void send(byte[] message) {
          if (up.alive && down.alive) {
            enqueue(lane, message);
          }
        }

        @Override
        public void close(String reason) {
          if (up.alive && down.alive) {
            time.schedule(delay(node), () -> breakOff(reason, true, true));
          }
        }
      };
    }

    private void enqueue(Lane lane, byte[] message) {
      LinkConditions now = conditions(node);
      lane.waiting.add(message);
      if (now.reordering() > 0 && lane.waiting.size() > 1 && random.nextDouble() < now.reordering()) {
        // The newest overtakes the one before it.
        List<byte[]> all = new ArrayList<>(lane.waiting);
        all.add(all.size() - 2, all.remove(all.size() - 1));
        lane.waiting.clear();
        lane.waiting.addAll(all);
      }
      carry(lane);
      if (now.duplication() > 0 && random.nextDouble() < now.duplication()) {
        lane.waiting.add(message);
        carry(lane);
      }
    }

    private void carry(Lane lane) {
      if (isSilent(node, lane.direction)) {
        lane.held++;
        return;
      }
      long now = time.now().toEpochMilli();
      lane.lastArrivalMillis = Math.max(lane.lastArrivalMillis, now + delay(node));
      time.schedule(lane.lastArrivalMillis - now, () -> arrive(lane));
    }

    private void arrive(Lane lane) {
      if (!lane.alive) {
        return;
      }
      if (isSilent(node, lane.direction)) {
        lane.held++;
      } else {
        lane.target.received(lane.waiting.remove());
      }
    }

    void fallSilent() {
      for (Lane lane : new Lane[] {up, down}) {
        long patience = SILENCE_MILLIS_MIN + random.nextLong(SILENCE_MILLIS_MAX - SILENCE_MILLIS_MIN);
        time.schedule(patience, () -> {
          // Pings need both directions, so either end finds out whichever of them is silent.
          if (lane.alive && isSilent(node)) {
            giveUp(lane);
          }
        });
      }
    }

    /** The end that listens on this lane has heard nothing for too long. */
    private void giveUp(Lane lane) {
      lane.alive = false;
      lane.waiting.clear();
      if (!up.alive && !down.alive) {
        open.remove(this);
      }
      lane.target.closed("no sign of life");
    }

    void flush() {
      if (!up.alive || !down.alive) {
        breakOff("the other end has given the connection up", true, true);
        return;
      }
      for (Lane lane : new Lane[] {up, down}) {
        int count = lane.held;
        lane.held = 0;
        for (int i = 0; i < count; i++) {
          carry(lane);
        }
      }
    }

    void breakOff(String reason, boolean tellClient, boolean tellServer) {
      boolean clientListens = down.alive;
      boolean serverListens = up.alive;
      if (!clientListens && !serverListens) {
        return;
      }
      up.alive = false;
      down.alive = false;
      open.remove(this);
      time.schedule(0, () -> {
        if (tellClient && clientListens) {
          down.target.closed(reason);
        }
        if (tellServer && serverListens) {
          up.target.closed(reason);
        }
      });
    }
  }
}
