package dev.rebasis.simulations.sim;

import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Puts the faults of a kind into a plan: when, whom, how bad, how long. What begins may end before the plan does, or
 * not; the healing at the end ends everything. Confined to one plan.
 */
final class FaultMaker {
  private static final String[] FROM_CLIENT = {"hello", "push", "pull-credit"};
  private static final String[] FROM_SERVER = {"welcome", "outcomes", "transactions"};
  private static final String[] DEATHS = {"cut", "crash", "powerloss", "server-crash", "server-powerloss"};

  /** A write is decided within this time if nothing is in its way. */
  private static final int UNDER_WAY_MILLIS = 60;

  /** A fault that is to meet a kind of writes strikes after one in so many of them. */
  private static final int AIMED_SHARE = 4;

  private static final long HOUR_MILLIS = 3_600_000;

  private final Random random;
  private final List<String> clients;
  private final long planMillis;
  private final SchemaChanges changes;
  private final List<Step> writes;
  private final List<Step> steps;

  /**
   * Makes a fault maker.
   *
   * @param changes draws changes of the schema
   * @param writes the writes of the plan; half of the faults strike soon after one, while it is under way
   * @param steps where the faults go
   */
  FaultMaker(
      Random random, List<String> clients, long planMillis, SchemaChanges changes, List<Step> writes, List<Step> steps) {
    this.random = random;
    this.changes = changes;
    this.clients = clients;
    this.planMillis = planMillis;
    this.writes = writes.stream().filter(write -> !write.isServer()).toList();
    this.steps = steps;
  }

  /** Has a fault strike soon after many of the writes of one kind. */
  void make(Fault fault, String kind) {
    for (Step write : writes) {
      if (write.kind().equals(kind) && random.nextInt(AIMED_SHARE) == 0) {
        once(fault, write.atMillis() + random.nextInt(UNDER_WAY_MILLIS), write.node());
      }
    }
  }

  void make(Fault fault) {
    int times = 1 + random.nextInt(3);
    for (int i = 0; i < times; i++) {
      if (writes.isEmpty() || random.nextBoolean()) {
        once(fault, random.nextLong(planMillis), clients.get(random.nextInt(clients.size())));
      } else {
        Step write = writes.get(random.nextInt(writes.size()));
        once(fault, write.atMillis() + random.nextInt(UNDER_WAY_MILLIS), write.node());
      }
    }
  }

  private void once(Fault fault, long at, String client) {
    switch (fault) {
      case DELAY -> line(fault, at, client, (1 + random.nextInt(200)) + "-" + (200 + random.nextInt(4_000)), 0, 0, 0);
      case HEAVY_TAIL -> span(fault, at, client, Verb.LINE, (5 + random.nextInt(60)) + "-60000 loss 0.00 dup 0.00 reorder 0.00"
          + String.format(Locale.ROOT, " tail %.2f", 0.6 + random.nextDouble()), Verb.LINE, "usual");
      case LOSS -> line(fault, at, client, "5-50", 0.02 + random.nextDouble() * 0.4, 0, 0);
      case DUPLICATION -> line(fault, at, client, "5-50", 0, 0.05 + random.nextDouble() * 0.4, 0);
      case REORDERING -> line(fault, at, client, "5-50", 0, 0, 0.05 + random.nextDouble() * 0.4);
      case PARTITION -> span(fault, at, client, Verb.CUT, "", Verb.HEAL, "");
      case FULL_PARTITION -> {
        long until = at + duration();
        clients.forEach(each -> span(fault, at, until, each, Verb.CUT, "", Verb.HEAL, ""));
      }
      case ONE_WAY -> span(fault, at, client, Verb.SILENCE, random.nextBoolean() ? "up" : "down", Verb.UNSILENCE, "");
      case BLACK_HOLE -> span(fault, at, client, Verb.SILENCE, "both", Verb.UNSILENCE, "");
      case FLAPPING -> flap(at, client);
      case RESET -> add(at, client, Verb.RESET, "", fault);
      case MID_MESSAGE -> trap(at, client);
      case LONG_OFFLINE -> span(fault, at, at + HOUR_MILLIS + random.nextLong(8 * HOUR_MILLIS), client,
          Verb.CUT, "", Verb.HEAL, "");
      case CRASH -> span(fault, at, client, Verb.CRASH, "", Verb.START, "");
      case SERVER_CRASH -> span(fault, at, Step.SERVER, Verb.CRASH, "", Verb.START, "");
      case POWER_LOSS -> span(fault, at, client, Verb.POWERLOSS, "", Verb.START, "");
      case SERVER_POWER_LOSS -> span(fault, at, Step.SERVER, Verb.POWERLOSS, "", Verb.START, "");
      case RESTART -> span(fault, at, random.nextInt(3) == 0 ? Step.SERVER : client, Verb.STOP, "", Verb.START, "");
      case DISK_FULL -> span(fault, at, client, Verb.SPACE, Integer.toString(random.nextInt(40_000)), Verb.SPACE, "free");
      case SERVER_DISK_FULL -> span(
          fault, at, Step.SERVER, Verb.SPACE, Integer.toString(random.nextInt(40_000)), Verb.SPACE, "free");
      case SLOW_DISK -> span(fault, at, client, Verb.SLOW, Integer.toString(5 + random.nextInt(3_000)), Verb.SLOW, "0");
      case SERVER_SLOW_DISK -> span(
          fault, at, Step.SERVER, Verb.SLOW, Integer.toString(5 + random.nextInt(3_000)), Verb.SLOW, "0");
      case IO_ERROR -> ioError(fault, at, client);
      case SERVER_IO_ERROR -> ioError(fault, at, Step.SERVER);
      case CLOCK -> clock(at, random.nextInt(3) == 0 ? Step.SERVER : client);
      case SCHEMA -> changeSchema(at, client);
      case OLD_BACKUP -> backup(fault, at, client);
      case SERVER_BACKUP -> {
        // Of a server that is restored twice the second backup may be older than the first fork: its operator is asked then.
        if (steps.stream().noneMatch(step -> step.fault() == fault)) {
          backup(fault, at, Step.SERVER);
        }
      }
      case COPIED_STORE -> {
        String other = clients.get(random.nextInt(clients.size()));
        if (!other.equals(client)) {
          add(at, client, Verb.CLONE, other, fault);
        }
      }
      default -> throw new AssertionError(fault);
    }
  }

  private void line(
      Fault fault, long at, String client, String delay, double loss, double duplication, double reordering) {
    span(fault, at, client, Verb.LINE,
        String.format(Locale.ROOT, "%s loss %.2f dup %.2f reorder %.2f", delay, loss, duplication, reordering),
        Verb.LINE, "usual");
  }

  private void flap(long at, String client) {
    long when = at;
    for (int i = 2 + random.nextInt(8); i > 0; i--) {
      long down = 1 + random.nextInt(600);
      span(Fault.FLAPPING, when, when + down, client, Verb.CUT, "", Verb.HEAL, "");
      when += down + 1 + random.nextInt(1_500);
    }
  }

  private void trap(long at, String client) {
    boolean fromClient = random.nextBoolean();
    String[] types = fromClient ? FROM_CLIENT : FROM_SERVER;
    String death = DEATHS[random.nextInt(DEATHS.length)];
    add(at, client, Verb.TRAP, (random.nextBoolean() ? "send " : "arrival ") + types[random.nextInt(types.length)] + " "
        + death, Fault.MID_MESSAGE);
    String dead = death.startsWith("server") ? Step.SERVER : client;
    add(at + duration(), dead, death.equals("cut") ? Verb.HEAL : Verb.START, "", Fault.MID_MESSAGE);
  }

  private void backup(Fault fault, long at, String node) {
    add(at, node, Verb.BACKUP, "", fault);
    add(at + duration(), node, Verb.RESTORE, "", fault);
  }

  private void ioError(Fault fault, long at, String node) {
    String[] operations = {"read", "write", "force"};
    add(at, node, Verb.FAIL, operations[random.nextInt(operations.length)] + " " + (1 + random.nextInt(12)), fault);
    add(at + duration(), node, Verb.START, "", fault);
  }

  /** Up to ten minutes either way: the healed world waits for a server whose clock was ahead. */
  private void clock(long at, String node) {
    long error = random.nextLong(-600_000, 600_000);
    span(Fault.CLOCK, at, node, Verb.CLOCK, Long.toString(error), Verb.CLOCK, "0");
  }

  /** By an operator, or by a client that may be offline. What is new is written by it or by another one that may not know it. */
  private void changeSchema(long at, String client) {
    String node = random.nextInt(3) == 0 ? client : Step.SERVER;
    if (changes.alters()) {
      SchemaChanges.Alteration alteration = changes.alteration();
      schema(at, node, alteration.forms());
      if (random.nextBoolean()) {
        schema(at + duration(), node, alteration.back());
      }
      return;
    }
    SchemaChanges.Installation installation = changes.installation();
    schema(at, node, installation.forms());
    long when = at;
    for (String write : installation.writes()) {
      when += duration();
      schema(when, random.nextBoolean() ? client : clients.get(random.nextInt(clients.size())), write);
    }
  }

  private void schema(long at, String node, String forms) {
    add(at, node, Verb.TRANSACT, (900_000 + steps.size()) + " schema " + forms, Fault.SCHEMA);
  }

  private void span(Fault fault, long at, String node, Verb begin, String argument, Verb end, String endArgument) {
    span(fault, at, at + duration(), node, begin, argument, end, endArgument);
  }

  private void span(
      Fault fault, long at, long until, String node, Verb begin, String argument, Verb end, String endArgument) {
    add(at, node, begin, argument, fault);
    // A tenth is never ended by itself.
    if (random.nextInt(10) > 0) {
      add(until, node, end, endArgument, fault);
    }
  }

  /** Short ones are as likely as long ones. */
  private long duration() {
    return 1 + random.nextLong(Math.max(1, planMillis >> random.nextInt(8)));
  }

  private void add(long at, String node, Verb verb, String argument, Fault fault) {
    steps.add(new Step(at, node, verb, argument, fault));
  }
}
