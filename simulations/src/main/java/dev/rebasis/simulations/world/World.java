package dev.rebasis.simulations.world;

import dev.rebasis.protocol.Limits;
import dev.rebasis.protocol.codec.WireCodec;
import dev.rebasis.simulations.disk.SimDisk;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * One server and any number of clients, all of the real classes, on one thread: virtual time, a virtual network, disks
 * in memory, and one seed that everything random comes from. Confined to one thread. Close it to give its memory back.
 *
 * <p>Nothing happens by itself: time passes in {@link #advance} and {@link #settle}, and messages are delivered then.
 */
public final class World implements AutoCloseable {
  /** How long a message is under way. */
  public static final long DELAY_MILLIS = 20;

  private static final long SETTLE_STEP_MILLIS = 100;
  private static final long SETTLE_MILLIS_MAX = Duration.ofHours(2).toMillis();
  private static final AtomicLong WORLDS = new AtomicLong();

  private final long number = WORLDS.incrementAndGet();
  private final Randomness randomness;
  private final VirtualTime time = new VirtualTime();
  private final VirtualNetwork network;
  private final Traps traps = new Traps();
  private final Letters letters = new Letters();
  private final Map<String, ClientNode> clients = new LinkedHashMap<>();
  private final Map<String, Long> clockErrorMillis = new HashMap<>();
  private final Map<String, Long> slowMillisMax = new HashMap<>();
  private final Map<String, Random> slowness = new HashMap<>();
  private final List<SimDisk> disks = new ArrayList<>();
  private final List<Runnable> graves = new ArrayList<>();
  private final List<String> events = new ArrayList<>();
  private final ServerNode server;
  private Tap tap = Tap.NONE;
  private Registered registered = Registered.NOTHING;

  /** Makes a world with a server that is not started yet and no client. */
  public World(long seed) {
    randomness = new Randomness(seed);
    network = new VirtualNetwork(time, randomness.stream("network"), DELAY_MILLIS);
    server = new ServerNode(this);
  }

  // ---- the nodes ----

  /** The server. */
  public ServerNode server() {
    return server;
  }

  /** The client of this name, made (not started) when it is first asked for. */
  public ClientNode client(String name) {
    return clients.computeIfAbsent(name, made -> new ClientNode(this, made));
  }

  /** All clients that were asked for, in that order. */
  public List<ClientNode> clients() {
    return List.copyOf(clients.values());
  }

  // ---- time ----

  /** The moment. */
  public Instant now() {
    return time.now();
  }

  /** Lets time pass. */
  public void advance(Duration duration) {
    time.run(duration.toMillis());
  }

  /**
   * Lets time pass until there is nothing left to do: every running client that can reach a running server is live, has
   * the server's T and no undecided transaction, and no message is under way.
   *
   * @return false if that did not come within two hours of virtual time
   */
  public boolean settle() {
    long end = now().toEpochMilli() + SETTLE_MILLIS_MAX;
    do {
      time.run(SETTLE_STEP_MILLIS);
      if (isQuiet()) {
        return true;
      }
    } while (now().toEpochMilli() < end);
    return false;
  }

  /** See {@link #settle}. */
  public boolean isQuiet() {
    if (network.underWay() > 0) {
      return false;
    }
    return !server.isRunning()
        || clients.values().stream().allMatch(client -> !client.canReachServer() || client.isUpToDate());
  }

  // ---- faults ----

  /** Cuts a client off from the server. */
  public void cut(String client) {
    network.cut(client);
  }

  /** Lets a client reach the server again. */
  public void heal(String client) {
    network.heal(client);
  }

  /**
   * Makes the clock of a node wrong.
   *
   * @param node {@code server} or a client's name
   * @param error what its clock shows too much, negative if it is late
   */
  public void setClockError(String node, Duration error) {
    clockErrorMillis.put(node, error.toMillis());
  }

  /**
   * Makes the disk of a node slow.
   *
   * @param node {@code server} or a client's name
   * @param millisMax each task of its storage thread takes up to so long; 0 for a disk that takes no time, as all do at first
   */
  public void setSlowDisk(String node, long millisMax) {
    slowMillisMax.put(node, millisMax);
  }

  /** The lines between the clients and the server, to make them worse. */
  public VirtualNetwork network() {
    return network;
  }

  /** Lets someone sit on the lines from now on; call it before the server is started. */
  public void tap(Tap newTap) {
    tap = newTap;
  }

  Tap tap() {
    return tap;
  }

  /** What all programs that are started from now on have registered. */
  public void registered(Registered by) {
    registered = by;
  }

  Registered registered() {
    return registered;
  }

  /** Faults that wait for a message. */
  public Traps traps() {
    return traps;
  }

  /** What happened by itself since this was last asked, such as a trap that sprang. */
  public List<String> takeEvents() {
    List<String> taken = List.copyOf(events);
    events.clear();
    return taken;
  }

  /** Notes what happened by itself. */
  public void event(String text) {
    events.add(text);
  }

  // ---- for the nodes ----

  VirtualTime time() {
    return time;
  }

  /** How long the next task of a node's storage thread takes. */
  long storageDelayMillis(String node) {
    long max = slowMillisMax.getOrDefault(node, 0L);
    return max == 0 ? 0 : 1 + slowness.computeIfAbsent(node, made -> randomness.stream(made + "-slow")).nextLong(max);
  }

  Randomness randomness() {
    return randomness;
  }

  /** The clock of a node, which may be wrong. */
  Clock clock(String node) {
    Clock right = time.clock();
    return new Clock() {
      @Override
      public ZoneId getZone() {
        return right.getZone();
      }

      @Override
      public Clock withZone(ZoneId zone) {
        return right.withZone(zone);
      }

      @Override
      public Instant instant() {
        return right.instant().plusMillis(clockErrorMillis.getOrDefault(node, 0L));
      }
    };
  }

  /** Half of the clients speak JSON, half CBOR. */
  boolean speaksJson(String client) {
    return client.hashCode() % 2 == 0;
  }

  Letters letters() {
    return letters;
  }

  /** The server's codec for this client. */
  WireCodec serverCodec(String client) {
    return speaksJson(client) ? WireCodec.json(Limits.server()) : WireCodec.cbor(Limits.server());
  }

  /** The client's codec. */
  WireCodec clientCodec(String client) {
    return speaksJson(client) ? WireCodec.json(Limits.client()) : WireCodec.cbor(Limits.client());
  }

  SimDisk disk(String node) {
    SimDisk disk = SimDisk.create("world" + number + "-" + node, randomness.stream("disk-" + node).nextLong());
    disks.add(disk);
    return disk;
  }

  /**
   * Runs a step of a program that may die in it: what it throws once it is dead is of no interest, since whoever is
   * killed does not get to throw.
   */
  void guarded(BooleanSupplier dead, Runnable step) {
    try {
      step.run();
    } catch (RuntimeException | Error e) {
      if (!dead.getAsBoolean()) {
        throw e;
      }
    }
  }

  /** Keeps what gives a dead program's memory back, until no step of it can be on the stack any more. */
  void bury(Runnable closing) {
    graves.add(closing);
  }

  /** Gives the memory of dead programs back. Call it when no step of a node is on the stack. */
  public void clearGraves() {
    for (Runnable closing : graves) {
      guarded(() -> true, closing);
    }
    graves.clear();
  }

  /** Ends all programs, those that run in order, and forgets their disks. */
  @Override
  public void close() {
    clients.values().stream().filter(ClientNode::isRunning).forEach(ClientNode::stop);
    if (server.isRunning()) {
      server.stop();
    }
    clearGraves();
    disks.forEach(SimDisk::close);
  }
}
