package dev.rebasis.simulations.world;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.executor.InlineExecutor;
import dev.rebasis.protocol.Fork;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.codec.WireCodec;
import dev.rebasis.server.internal.master.DatabaseFunctions;
import dev.rebasis.server.internal.master.EmbeddedMaster;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.server.internal.master.MasterSetup;
import dev.rebasis.server.internal.session.ClientSession;
import dev.rebasis.server.internal.session.Frame;
import dev.rebasis.server.internal.session.ServerMachine;
import dev.rebasis.server.internal.session.SessionLimits;
import dev.rebasis.server.internal.session.SessionTransport;
import dev.rebasis.simulations.disk.DiskImage;
import dev.rebasis.simulations.disk.SimDisk;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * The server of a world: the real master and sessions in one thread, its log on a simulated disk, its sockets replaced
 * by virtual links. It can be stopped, killed, and lose power. Confined.
 */
public final class ServerNode {
  private static final long TICK_MILLIS = 1_000;

  private final World world;
  private final Supplier<UUID> uuids;
  private final Map<String, DiskImage> backups = new HashMap<>();
  private SimDisk disk;
  private int disks;
  private Life life;
  private RebasisException failure;

  ServerNode(World world) {
    this.world = world;
    this.uuids = world.randomness().uuids("server");
    this.disk = newDisk();
  }

  private SimDisk newDisk() {
    disks++;
    return world.disk("server" + disks);
  }

  /** What one run of the server's program holds. */
  private final class Life {
    private final InlineExecutor inline = new InlineExecutor();
    private final SlowStorage storage = new SlowStorage(world, "server", this::store);
    private final EmbeddedMaster master;
    /** The same, or what a tap has put before it. */
    private final Master shown;
    private final ServerMachine machine;
    private boolean over;

    Life() {
      master = EmbeddedMaster.open(new MasterSetup(disk.path("log"), "server log", world.clock("server"),
          uuids, inline, storage, this::failed, (done, total) -> { }, world.registered().rules(), DatabaseFunctions.NONE));
      shown = world.tap().master(master);
      machine = new ServerMachine(shown, SessionLimits.DEFAULT);
      world.network().listen((client, link) -> new Connection(this, client, link));
      tick();
    }

    private void store(Runnable task) {
      if (!over) {
        world.guarded(() -> over, () -> inline.execute(task));
      }
    }

    private void tick() {
      world.time().schedule(TICK_MILLIS, () -> {
        if (!over) {
          inline.execute(() -> machine.tick(world.now()));
          tick();
        }
      });
    }

    private void failed(RebasisException reason) {
      if (!over) {
        world.event("server fails: " + reason.getMessage());
        failure = reason;
        crash();
      }
    }
  }

  /** One client's connection, on the server's side. */
  private final class Connection implements VirtualNetwork.Receiver, SessionTransport {
    private final Life owner;
    private final String client;
    private final VirtualNetwork.Link link;
    private final WireCodec codec;
    private final Queue<byte[]> arrived = new ArrayDeque<>();
    private final ClientSession session;
    private int demanded;

    Connection(Life owner, String client, VirtualNetwork.Link link) {
      this.owner = owner;
      this.client = client;
      this.link = link;
      this.codec = world.serverCodec(client);
      this.session = owner.machine.opened(this, world.now());
    }

    @Override
    public void received(byte[] message) {
      arrived.add(message);
      deliver();
    }

    @Override
    public void closed(String reason) {
      if (!owner.over) {
        owner.inline.execute(session::closed);
      }
    }

    @Override
    public void demand() {
      demanded++;
      if (session != null) {
        world.time().schedule(0, this::deliver);
      }
    }

    private void deliver() {
      while (!owner.over && demanded > 0 && !arrived.isEmpty()) {
        demanded--;
        Message message;
        try {
          message = codec.decode(arrived.remove());
        } catch (RebasisException e) {
          owner.inline.execute(() -> session.malformed(e));
          continue;
        }
        world.traps().pass(client, true, Traps.Moment.ARRIVAL, message.type());
        if (!owner.over && !world.network().isCut(client)) {
          world.tap().arrivedAtServer(client, message);
          world.guarded(() -> owner.over, () -> owner.inline.execute(
              () -> session.received((Message.FromClient) message)));
        }
      }
    }

    @Override
    public void send(Frame frame, Runnable sent) {
      if (owner.over) {
        return;
      }
      world.traps().pass(client, true, Traps.Moment.SEND, frame.message().type());
      if (owner.over) {
        return;
      }
      for (Message tapped : world.tap().fromServer(client, frame.message())) {
        byte[] bytes = tapped == frame.message() ? frame.bytes(codec) : codec.encode(tapped);
        world.letters().sent(bytes, tapped);
        link.send(bytes);
      }
      owner.inline.execute(sent);
    }

    @Override
    public void close(boolean normal, String reason) {
      link.close(reason);
    }
  }

  /** Whether it runs. */
  public boolean isRunning() {
    return life != null;
  }

  /** Why its program ended by itself since this was last asked; null if it did not. */
  public RebasisException takeFailure() {
    RebasisException taken = failure;
    failure = null;
    return taken;
  }

  /** Starts it on its disk. */
  public void start() {
    if (life != null) {
      throw new IllegalStateException("the server runs already");
    }
    life = new Life();
  }

  /** Stops it in order: goodbyes, everything durable, log closed. */
  public void stop() {
    Life ending = running();
    try {
      ending.inline.execute(() -> ending.machine.shutDown("The server is shutting down."));
      ending.inline.execute(ending.master::stop);
      ending.storage.drain();
    } finally {
      ending.over = true;
      life = null;
      world.network().stopListening();
    }
    ending.master.close();
  }

  /** Kills it as {@code kill -9} does: what was written stays. */
  public void crash() {
    end().over = true;
    disk.processCrash();
    world.network().stopListening();
  }

  /** Takes its power away: what was not forced may be lost. */
  public void powerLoss() {
    end().over = true;
    disk.powerLoss();
    world.network().stopListening();
  }

  /** Gives it an empty disk, as if it were installed anew; it must not be running. */
  public void replaceDisk() {
    if (life != null) {
      throw new IllegalStateException("stop the server first");
    }
    disk.close();
    disk = newDisk();
  }

  /** Keeps a copy of its files under a name, for {@link #restore}. It must not run. */
  public void backup(String name) {
    if (life != null) {
      throw new IllegalStateException("stop the server first");
    }
    backups.put(name, disk.image());
  }

  /**
   * Restores it from a backup onto an empty disk. It must not run.
   *
   * @param noted whether the fork is noted, as {@code rebasis log restore} does; not, if somebody only copied the files
   */
  public void restore(String name, boolean noted) {
    replaceDisk();
    disk.restore(backups.get(name));
    if (noted) {
      noteFork(world.clock("server"));
    }
  }

  /**
   * Notes in its log that it was restored, as {@code rebasis log restore} does. It must not run.
   *
   * @param clock the operator's
   */
  public void noteFork(Clock clock) {
    InlineExecutor inline = new InlineExecutor();
    try (EmbeddedMaster master = EmbeddedMaster.open(new MasterSetup(disk.path("log"), "server log",
        clock, uuids, inline, inline, failure -> { }, (done, total) -> { }))) {
      inline.execute(() -> master.fork(master.forcedT(), new Master.Answer<>() {
        @Override
        public void done(Fork fork) {
          world.event("the server forks");
        }

        @Override
        public void refused(RebasisException reason) {
          throw reason;
        }
      }));
    }
  }

  private Life end() {
    Life ending = running();
    life = null;
    world.bury(ending.master::close);
    return ending;
  }

  private Life running() {
    if (life == null) {
      throw new IllegalStateException("the server does not run");
    }
    return life;
  }

  /**
   * Commits a transaction of a program beside the server.
   *
   * @throws RebasisException if it is refused, or the server dies of it
   */
  public Master.Transacted transact(List<?> forms) {
    List<Object> result = new ArrayList<>();
    Life now = running();
    now.inline.execute(() -> now.shown.transact(forms, new Master.Answer<>() {
      @Override
      public void done(Master.Transacted transacted) {
        result.add(transacted);
      }

      @Override
      public void refused(RebasisException reason) {
        result.add(reason);
      }
    }));
    now.storage.drain();
    if (result.isEmpty()) {
      throw new RebasisException(Keyword.of(":rebasis.error/server-died"), ErrorCategory.RETRY_LATER,
          "The server died before it had made the transaction durable.");
    }
    if (result.get(0) instanceof RebasisException refused) {
      throw refused;
    }
    return (Master.Transacted) result.get(0);
  }

  /** The master, to look at. */
  public Master master() {
    return running().master;
  }

  /** How many sessions there are. */
  public int sessions() {
    return running().machine.sessionCount();
  }

  /** The disk with its log. */
  public SimDisk disk() {
    return disk;
  }

  /** The server's clock. */
  public Instant now() {
    return world.clock("server").instant();
  }
}
