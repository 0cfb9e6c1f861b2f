package dev.rebasis.simulations.world;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Connections between named nodes and one server. A connection delivers messages in order, each after the delay of the
 * network; it loses all that is under way when it is cut, and both ends learn of the cut. A node that is cut off
 * cannot connect. Confined: one thread owns it.
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

  private final VirtualTime time;
  private final long delayMillis;
  private final Set<String> cutOff = new HashSet<>();
  private final List<Connection> open = new ArrayList<>();
  private BiFunction<String, Link, Receiver> server;

  /**
   * Makes a network.
   *
   * @param time whose tasks carry the messages
   * @param delayMillis one way, 0 or more
   */
  public VirtualNetwork(VirtualTime time, long delayMillis) {
    this.time = time;
    this.delayMillis = delayMillis;
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
    for (Connection connection : List.copyOf(open)) {
      connection.breakOff("the server is down", true, false);
    }
  }

  /** Cuts a node off: its connections break, what is under way is lost. */
  public void cut(String node) {
    cutOff.add(node);
    for (Connection connection : List.copyOf(open)) {
      if (connection.node.equals(node)) {
        connection.breakOff("the network is cut", true, true);
      }
    }
  }

  /** Lets a node connect again. */
  public void heal(String node) {
    cutOff.remove(node);
  }

  /** Breaks a node's connections without telling the node itself, as a crash of the node does. */
  public void crash(String node) {
    for (Connection connection : List.copyOf(open)) {
      if (connection.node.equals(node)) {
        connection.breakOff("the client is down", false, true);
      }
    }
  }

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
    time.schedule(delayMillis, () -> {
      if (cutOff.contains(node)) {
        refused.accept("the network is cut");
      } else if (server == null) {
        refused.accept("connection refused");
      } else {
        Connection connection = new Connection(node);
        open.add(connection);
        connection.client = receiver;
        connection.serverEnd = server.apply(node, connection.serverLink());
        connected.accept(connection.clientLink());
      }
    });
  }

  /** Whether a node is cut off. */
  public boolean isCut(String node) {
    return cutOff.contains(node);
  }

  /** How many messages are under way. */
  public int underWay() {
    return open.stream().mapToInt(connection -> connection.toServer.size() + connection.toClient.size()).sum();
  }

  /** How many connections stand. */
  public int connections() {
    return open.size();
  }

  private final class Connection {
    private final String node;
    private final Queue<byte[]> toServer = new ArrayDeque<>();
    private final Queue<byte[]> toClient = new ArrayDeque<>();
    private Receiver client;
    private Receiver serverEnd;
    private boolean alive = true;

    Connection(String node) {
      this.node = node;
    }

    Link clientLink() {
      return link(toServer, () -> serverEnd);
    }

    Link serverLink() {
      return link(toClient, () -> client);
    }

    private Link link(Queue<byte[]> queue, Supplier<Receiver> target) {
      return new Link() {
        @Override
        public void send(byte[] message) {
          if (alive) {
            queue.add(message);
            time.schedule(delayMillis, () -> {
              if (alive) {
                target.get().received(queue.remove());
              }
            });
          }
        }

        @Override
        public void close(String reason) {
          if (alive) {
            time.schedule(delayMillis, () -> breakOff(reason, true, true));
          }
        }
      };
    }

    void breakOff(String reason, boolean tellClient, boolean tellServer) {
      if (!alive) {
        return;
      }
      alive = false;
      open.remove(this);
      time.schedule(0, () -> {
        if (tellClient) {
          client.closed(reason);
        }
        if (tellServer) {
          serverEnd.closed(reason);
        }
      });
    }
  }
}
