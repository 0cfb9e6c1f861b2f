package dev.rebasis.simulations.world;

import dev.rebasis.client.ConnectionState;
import dev.rebasis.client.Durability;
import dev.rebasis.client.Status;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.Tuning;
import dev.rebasis.client.internal.core.ClientConfig;
import dev.rebasis.client.internal.core.ClientCore;
import dev.rebasis.client.internal.core.ClientEnvironment;
import dev.rebasis.client.internal.core.Transport;
import dev.rebasis.client.internal.core.WantedScopes;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.client.internal.query.QueryExtensions;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.executor.InlineExecutor;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.ScopeSpec;
import dev.rebasis.protocol.codec.WireCodec;
import dev.rebasis.simulations.disk.DiskImage;
import dev.rebasis.simulations.disk.SimDisk;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * A client of a world: the real client on one thread, its store on a simulated disk, its socket replaced by a virtual
 * link. It can be stopped, killed, and lose power. Confined.
 */
public final class ClientNode {
  private final World world;
  private final String name;
  private final SimDisk disk;
  private final Supplier<UUID> uuids;
  private final Random random;
  private final Map<String, Integer> sent = new HashMap<>();
  private final Map<String, DiskImage> backups = new HashMap<>();
  private Durability durability = Durability.POWER_LOSS;
  private Tuning tuning = Tuning.DEFAULT;
  private WantedScopes scopes = WantedScopes.AS_HELD;
  private boolean withServer = true;
  private int attempts;
  private Life life;

  ClientNode(World world, String name) {
    this.world = world;
    this.name = name;
    this.disk = world.disk(name);
    this.uuids = world.randomness().uuids(name);
    this.random = world.randomness().stream(name + "-backoff");
  }

  /** What one run of the client's program holds. */
  private final class Life implements ClientEnvironment, Transport {
    private final Executor inline = new InlineExecutor();
    private final SlowStorage storage = new SlowStorage(world, name, this::run);
    private SyncClient client;
    private boolean over;

    @Override
    public Instant now() {
      return world.clock(name).instant();
    }

    @Override
    public long millis() {
      return world.now().toEpochMilli();
    }

    @Override
    public UUID newId() {
      return uuids.get();
    }

    @Override
    public long randomBelow(long bound) {
      return random.nextLong(bound);
    }

    @Override
    public Executor syncExecutor() {
      return this::run;
    }

    @Override
    public Executor storageExecutor() {
      return storage;
    }

    @Override
    public Executor notificationExecutor() {
      return this::run;
    }

    private void run(Runnable task) {
      if (!over) {
        world.guarded(() -> over, () -> inline.execute(() -> {
          if (!over) {
            task.run();
          }
        }));
      }
    }

    @Override
    public void schedule(long millis, Runnable task) {
      world.time().schedule(millis, () -> run(task));
    }

    @Override
    public Transport transport() {
      return withServer ? this : null;
    }

    @Override
    public Link open(Listener listener) {
      attempts++;
      return new Socket(this, listener);
    }

    @Override
    public void close() {
      over = true;
    }
  }

  /** One connection, on the client's side. */
  private final class Socket implements Transport.Link, VirtualNetwork.Receiver {
    private final Life owner;
    private final Transport.Listener listener;
    private final WireCodec received = world.clientCodec(name);
    private final WireCodec pushed = world.serverCodec(name);
    private VirtualNetwork.Link link;
    private boolean closed;

    Socket(Life owner, Transport.Listener listener) {
      this.owner = owner;
      this.listener = listener;
      world.network().connect(name, this, this::connected, this::closed);
    }

    private void connected(VirtualNetwork.Link open) {
      link = open;
      if (closed || owner.over) {
        link.close("given up");
      } else {
        owner.run(() -> listener.opened(world.speaksJson(name) ? "rebasis.json" : "rebasis.cbor"));
      }
    }

    @Override
    public void received(byte[] message) {
      if (owner.over || closed) {
        return;
      }
      Message sentAs = world.letters().read(message);
      Message read = sentAs != null ? sentAs : received.decode(message);
      world.traps().pass(name, false, Traps.Moment.ARRIVAL, read.type());
      if (!owner.over && !world.network().isCut(name)) {
        world.tap().arrivedAtClient(name, read);
        owner.run(() -> listener.received(message));
        if (!owner.over) {
          world.tap().handled(ClientNode.this);
        }
      }
    }

    @Override
    public void closed(String reason) {
      if (!closed) {
        closed = true;
        owner.run(() -> listener.closed(new RebasisException(
            Keyword.of(":rebasis.error/connection"), ErrorCategory.RETRY_LATER, "No connection: " + reason + ".")));
      }
    }

    @Override
    public void send(byte[] message) {
      if (owner.over || link == null) {
        return;
      }
      Message read = pushed.decode(message);
      world.traps().pass(name, false, Traps.Moment.SEND, read.type());
      if (!owner.over) {
        sent.merge(read.type(), 1, Integer::sum);
        Message tapped = world.tap().fromClient(name, read);
        if (tapped != null) {
          link.send(tapped == read ? message : received.encode(tapped));
        }
      }
    }

    @Override
    public void close(String reason) {
      closed = true;
      if (link != null) {
        link.close(reason);
      }
    }
  }

  /** Its name in the world. */
  public String name() {
    return name;
  }

  /** Whether the next start knows the server's address. */
  public void withServer(boolean known) {
    withServer = known;
  }

  /** Whether it knows the server's address. */
  public boolean hasServer() {
    return withServer;
  }

  /** What transactions survive from the next start on. */
  public void durability(Durability setting) {
    durability = setting;
  }

  /** The parts of the database that it wants from the next start on; null for what its store holds. */
  public void scopes(List<ScopeSpec> wanted) {
    scopes = wanted == null ? WantedScopes.AS_HELD : WantedScopes.of(wanted);
  }

  /** Limits and delays from the next start on. */
  public void tuning(Tuning setting) {
    tuning = setting;
  }

  /** Starts it on its disk. */
  public void start() {
    if (life != null) {
      throw new IllegalStateException(name + " runs already");
    }
    Life starting = new Life();
    starting.client = ClientCore.open(
        new ClientConfig(StoreFiles.filePath(disk.path(""), true), durability, tuning, QueryExtensions.NONE,
            world.registered().rules(), world.registered().policies(), scopes), starting);
    life = starting;
  }

  /** Closes it in order. */
  public void stop() {
    running().storage.drain();
    Life ending = end();
    try {
      ending.client.close();
    } finally {
      // One whose disk fails as it closes is over all the same.
      ending.over = true;
      world.network().crash(name);
    }
  }

  /** Copies its files to another client's disk, in the place of what is there. Neither may run. */
  public void copyTo(ClientNode other) {
    if (life != null || other.life != null) {
      throw new IllegalStateException("stop both clients first");
    }
    other.disk.restore(disk.image());
  }

  /** Keeps a copy of its files under a name, for {@link #restore}. It must not run. */
  public void backup(String backup) {
    if (life != null) {
      throw new IllegalStateException("stop " + name + " first");
    }
    backups.put(backup, disk.image());
  }

  /** Puts the files of a backup in the place of its own. It must not run. */
  public void restore(String backup) {
    if (life != null) {
      throw new IllegalStateException("stop " + name + " first");
    }
    disk.restore(backups.get(backup));
  }

  /** Kills it as {@code kill -9} does: what was written stays. */
  public void crash() {
    die();
    disk.processCrash();
  }

  /** Takes its power away: what was not forced may be lost. */
  public void powerLoss() {
    die();
    disk.powerLoss();
  }

  private void die() {
    Life ending = end();
    ending.over = true;
    world.network().crash(name);
    world.bury(ending.client::close);
  }

  private Life end() {
    Life ending = running();
    life = null;
    return ending;
  }

  private Life running() {
    if (life == null) {
      throw new IllegalStateException(name + " does not run");
    }
    return life;
  }

  /** Whether it runs. */
  public boolean isRunning() {
    return life != null;
  }

  /** The running client. */
  public SyncClient client() {
    return running().client;
  }

  /** How often it has tried to connect since this was last asked. */
  public int takeAttempts() {
    int taken = attempts;
    attempts = 0;
    return taken;
  }

  /** How many messages of this type it has sent since this was last asked. */
  public int takeSent(String type) {
    Integer taken = sent.remove(type);
    return taken == null ? 0 : taken;
  }

  /** The disk with its store. */
  public SimDisk disk() {
    return disk;
  }

  /**
   * What is wrong inside the running client; empty if nothing.
   *
   * @throws RebasisException if its store fails as it is read
   */
  public List<String> audit() {
    try {
      return ((ClientCore) client()).audit();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RebasisException failed) {
        throw failed;
      }
      throw e;
    }
  }

  boolean canReachServer() {
    return life != null && withServer && !world.network().isCut(name) && !world.network().isSilent(name);
  }

  /** Whether it is live, has the server's T, and has no undecided transaction. Both must be running. */
  public boolean isUpToDate() {
    Status status = client().status();
    return status.state() == ConnectionState.LIVE && status.pendingCount() == 0
        && status.basisT() == world.server().master().forcedT() && (status.scopes() == null || status.scopes().held());
  }
}
