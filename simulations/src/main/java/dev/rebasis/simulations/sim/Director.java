package dev.rebasis.simulations.sim;

import dev.rebasis.simulations.disk.DiskOperation;
import dev.rebasis.simulations.world.LinkConditions;
import dev.rebasis.simulations.world.Traps;
import dev.rebasis.simulations.world.VirtualNetwork.Direction;
import dev.rebasis.simulations.world.World;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Carries out the faults of a plan, and takes them all back at its end. Confined. */
final class Director {
  /** With so little left a program works on a full disk, though logs may have made room for their next records before. */
  private static final long SCARCE_BYTES = 40_000;

  /** A line, a clock, a disk's slowness is in one state: what sets it anew, or ends it, ends what was so before. */
  private static final Set<Fault> OF_THE_LINE =
      EnumSet.of(Fault.DELAY, Fault.LOSS, Fault.DUPLICATION, Fault.REORDERING, Fault.HEAVY_TAIL);
  private static final Set<Fault> OF_SILENCE = EnumSet.of(Fault.ONE_WAY, Fault.BLACK_HOLE);
  private static final Set<Fault> OF_SLOWNESS = EnumSet.of(Fault.SLOW_DISK, Fault.SERVER_SLOW_DISK);
  private static final Set<Fault> OF_THE_CLOCK = EnumSet.of(Fault.CLOCK);

  private final Stage stage;
  private final World world;
  private final Restores restores;
  /** How many outages hold each node. */
  private final Map<String, Integer> cuts = new HashMap<>();

  Director(Stage stage, Restores restores) {
    this.stage = stage;
    this.restores = restores;
    this.world = stage.world;
  }

  void act(Step step) {
    String node = step.node();
    switch (step.verb()) {
      case CUT -> {
        begin(step);
        cuts.merge(node, 1, Integer::sum);
        world.cut(node);
      }
      case HEAL -> {
        if (step.fault() != null && !stage.faults.holds(node, step.fault())) {
          // A trap that has not sprung, or a cut that is no longer in a plan made smaller.
          return;
        }
        end(step);
        // The end of one outage is not the end of another that goes on.
        if (cuts.merge(node, -1, (had, less) -> Math.max(0, had + less)) <= 0) {
          cuts.remove(node);
          world.heal(node);
        }
      }
      case SILENCE -> {
        stage.faults.over(node, OF_SILENCE);
        begin(step);
        world.network().silence(node, step.argument().equals("both") ? EnumSet.allOf(Direction.class)
            : EnumSet.of(Direction.valueOf(step.argument().toUpperCase(Locale.ROOT))));
      }
      case UNSILENCE -> {
        end(step);
        stage.faults.over(node, OF_SILENCE);
        world.network().unsilence(node);
      }
      case RESET -> {
        begin(step);
        world.network().reset(node);
        stage.faults.ends(node, step.fault());
      }
      case LINE -> line(step);
      case CRASH -> die(step, () -> stage.crash(node));
      case POWERLOSS -> die(step, () -> stage.powerLoss(node));
      case STOP -> die(step, () -> stage.stop(node));
      case START -> stage.start(node);
      case SPACE -> space(step);
      case FAIL -> fail(step);
      case CLOCK -> clock(step);
      case SCOPES -> stage.parts.change(node, step.argument());
      case SLOW -> {
        stage.faults.over(node, OF_SLOWNESS);
        if (step.argument().equals("0")) {
          end(step);
        } else {
          begin(step);
        }
        world.setSlowDisk(node, Long.parseLong(step.argument()));
      }
      case TRAP -> trap(step);
      case POINT, MESSAGE -> {
        // Armed before the play began, see Strikes.
      }
      case BACKUP, RESTORE, CLONE -> restores.act(step);
      case HALFOPEN, THROTTLE -> stage.tell(node, step.verb().word() + ": only with real processes");
      default -> throw new IllegalArgumentException("no fault: " + step);
    }
  }

  private void tell(Step step) {
    stage.tell(step.node(), step.verb().word() + (step.argument().isEmpty() ? "" : " " + step.argument()));
  }

  private void begin(Step step) {
    tell(step);
    stage.faults.begins(step.node(), step);
  }

  private void end(Step step) {
    tell(step);
    stage.faults.ends(step.node(), step.fault());
  }

  private void die(Step step, Runnable death) {
    if (stage.isRunning(step.node())) {
      stage.faults.dies(step.node(), step);
      death.run();
    }
  }

  private void line(Step step) {
    stage.faults.over(step.node(), OF_THE_LINE);
    if (step.argument().equals("usual")) {
      end(step);
      world.network().setConditions(step.node(), null);
      return;
    }
    begin(step);
    String[] words = step.argument().split("[ -]");
    world.network().setConditions(step.node(), new LinkConditions(Long.parseLong(words[0]), Long.parseLong(words[1]),
        Double.parseDouble(words[3]), Double.parseDouble(words[5]), Double.parseDouble(words[7]),
        words.length > 9 ? Double.parseDouble(words[9]) : 0));
  }

  private void space(Step step) {
    if (step.argument().equals("free")) {
      end(step);
      stage.disks.limitSpace(step.node(), -1);
    } else {
      tell(step);
      long left = Long.parseLong(step.argument());
      stage.disks.limitSpace(step.node(), left);
      if (left <= SCARCE_BYTES) {
        stage.faults.begins(step.node(), step);
      } else {
        // Where there is room it counts from when something does not fit.
        stage.disks.of(step.node()).faults().onFull(() -> stage.faults.begins(step.node(), step));
      }
    }
  }

  private void fail(Step step) {
    tell(step);
    String[] words = step.argument().split(" ");
    stage.disks.of(step.node()).faults().failAt(
        DiskOperation.valueOf(words[0].toUpperCase(Locale.ROOT)), Long.parseLong(words[1]), () -> {
          stage.disks.spoil(step.node());
          stage.faults.begins(step.node(), step);
          stage.faults.ends(step.node(), step.fault());
        });
  }

  private void clock(Step step) {
    stage.faults.over(step.node(), OF_THE_CLOCK);
    if (step.argument().equals("0")) {
      end(step);
    } else {
      begin(step);
      stage.clockIsWrong();
    }
    world.setClockError(step.node(), Duration.ofMillis(Long.parseLong(step.argument())));
  }

  private void trap(Step step) {
    stage.tell(step.node(), "trap " + step.argument());
    String[] words = step.argument().split(" ");
    world.traps().set(step.node(), Traps.Moment.valueOf(words[0].toUpperCase(Locale.ROOT)), words[1], () -> {
      String struck = words[2].startsWith("server") ? Step.SERVER : step.node();
      if (words[2].equals("cut")) {
        stage.faults.begins(struck, step);
        stage.tell(struck, "is cut off at this message");
        cuts.merge(struck, 1, Integer::sum);
        world.cut(struck);
      } else if (stage.isRunning(struck)) {
        stage.faults.dies(struck, step);
        if (words[2].endsWith("powerloss")) {
          stage.powerLoss(struck);
        } else {
          stage.crash(struck);
        }
      }
    });
  }

  /** Takes everything back that was done to a client, and starts it. */
  void mend(String client) {
    cuts.remove(client);
    world.heal(client);
    world.network().unsilence(client);
    world.network().setConditions(client, null);
    world.setClockError(client, Duration.ZERO);
    world.setSlowDisk(client, 0);
    stage.mendDisk(client);
    stage.start(client);
  }

  /** The same for the server; whether it runs. A server whose clock was ahead has to wait until time has come up. */
  boolean mendServer() {
    world.traps().clear();
    world.setClockError(Step.SERVER, Duration.ZERO);
    world.setSlowDisk(Step.SERVER, 0);
    stage.mendDisk(Step.SERVER);
    return stage.start(Step.SERVER);
  }
}
