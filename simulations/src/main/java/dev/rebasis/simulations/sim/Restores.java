package dev.rebasis.simulations.sim;

import dev.rebasis.error.RebasisException;
import dev.rebasis.simulations.disk.DiskImage;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Disks that go back in time or stand in two places: backups that are restored, copies of one store in use at once.
 * What the promises exclude then is told to the witness here, and nothing else is. Confined to one play.
 */
final class Restores {
  private static final int CLOCK_ERROR_MINUTES_MAX = 20;

  /**
   * What a disk held, the writes that were on it, those of them whose outcome was told by then, what a client's store knew of the server's
   * past, the server's T and its forks.
   */
  private record Backup(DiskImage image, Set<UUID> writes, Set<UUID> decided, WaysBack.Known known, long t, int forks) {}

  private final Stage stage;
  private final Writer writer;
  private final Map<String, Backup> backups = new HashMap<>();

  Restores(Stage stage, Writer writer) {
    this.stage = stage;
    this.writer = writer;
  }

  void act(Step step) {
    String node = step.node();
    stage.tell(node, step.verb().word() + (step.argument().isEmpty() ? "" : " " + step.argument()));
    boolean struck = switch (step.verb()) {
      case BACKUP -> {
        backups.put(node, take(node));
        yield false;
      }
      case RESTORE -> backups.containsKey(node) && restore(node, backups.get(node));
      case CLONE -> {
        Backup now = take(node);
        stage.witness.copied(node);
        stage.parts.isShared(node);
        replace(step.argument(), now);
        stage.start(step.argument());
        yield true;
      }
      default -> throw new IllegalArgumentException("no restore: " + step);
    };
    if (struck) {
      // Now, since what the server has forgotten is undecided again.
      stage.faults.begins(node, step);
      stage.faults.ends(node, step.fault());
    }
  }

  /** As a file system's snapshot: everything that was written, at one moment, whether the program runs or not. */
  private Backup take(String node) {
    Set<UUID> writes = new HashSet<>();
    Set<UUID> decided = new HashSet<>();
    stage.witness.writes().stream().filter(write -> write.client().equals(node)).forEach(write -> {
      writes.add(write.id());
      if (write.outcome() != null) {
        decided.add(write.id());
      }
    });
    boolean server = node.equals(Step.SERVER) && stage.isRunning(node);
    return new Backup(stage.disks.of(node).image(), writes, decided, stage.witness.known(node),
        server ? stage.world.server().master().forcedT() : -1,
        server ? stage.world.server().master().forks().size() : 0);
  }

  /** Whether something went back: a server that was down when its backup was due has none. */
  private boolean restore(String node, Backup backup) {
    if (!node.equals(Step.SERVER)) {
      replace(node, backup);
      stage.start(node);
      return true;
    }
    if (backup.t < 0) {
      return false;
    }
    end(node);
    stage.disks.of(node).restore(backup.image);
    stage.witness.serverWentBack(backup.t, backup.forks + 1);
    stage.forkedServer();
    noteFork();
    stage.start(node);
    return true;
  }

  /** The operator's clock is right, unless the log says that the server's was ahead: then it is what the log asks for. */
  private void noteFork() {
    Instant now = stage.world.now();
    for (int minutes = 0; ; minutes++) {
      try {
        stage.world.server().noteFork(Clock.fixed(now.plus(Duration.ofMinutes(minutes)), ZoneOffset.UTC));
        return;
      } catch (RebasisException e) {
        if (minutes == CLOCK_ERROR_MINUTES_MAX) {
          throw e;
        }
      }
    }
  }

  private void replace(String node, Backup backup) {
    end(node);
    stage.disks.of(node).restore(backup.image);
    stage.parts.isShared(node);
    stage.witness.storeReplaced(node, backup.writes, backup.decided, backup.known);
    writer.forget(node);
  }

  private void end(String node) {
    if (stage.isRunning(node)) {
      stage.crash(node);
    }
  }
}
