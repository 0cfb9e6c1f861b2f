package dev.rebasis.simulations.scenario;

import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import dev.rebasis.simulations.workload.SchemaShorthand;
import dev.rebasis.simulations.world.Traps;
import dev.rebasis.simulations.world.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Carries out the steps of one scenario in one world. Confined. */
final class ScenarioRun implements AutoCloseable {
  private static final long SEED = 1;

  private final World world = new World(SEED);
  private final ServerCommands server = new ServerCommands(world);
  private final ClientCommands clients = new ClientCommands(world, server);

  /** Whether a step is a query, whose variables are not names of ids. */
  static boolean isQuery(String command) {
    return command.matches("\\w+ (db|confirmed) .*");
  }

  /**
   * Carries out one step.
   *
   * @param command with ids in the place of names
   * @return its output, with marks around ids
   */
  List<String> step(String command) {
    List<String> output = new ArrayList<>();
    try {
      output.addAll(dispatch(new Words(command)));
    } catch (RebasisException e) {
      output.add("error " + e.code() + " " + Printer.message(e.getMessage()));
    }
    output.addAll(world.takeEvents());
    // Whatever a step did, the inside of every client must be in order after it.
    output.addAll(clients.audit());
    return output;
  }

  private List<String> dispatch(Words words) {
    String subject = words.next();
    return switch (subject) {
      case "schema" -> server.run(new Words("transact " + Edn.write(SchemaShorthand.forms(words.rest()))));
      case "server" -> server(words);
      case "cut" -> cut(words);
      case "copy" -> copy(words);
      case "heal" -> done(() -> world.heal(words.next()));
      case "clock" -> done(() -> world.setClockError(words.next(), duration(words.next())));
      case "advance" -> done(() -> world.advance(duration(words.next())));
      case "settle" -> world.settle() ? List.of() : List.of("not settled");
      case "agree" -> clients.agree();
      case "stranger" -> new Stranger(world).run(words);
      default -> {
        if (!subject.matches("c[0-9]+")) {
          throw new IllegalArgumentException("no such step: " + subject);
        }
        yield client(subject, words);
      }
    };
  }

  private List<String> server(Words words) {
    if (words.peek().equals("crash")) {
      words.next();
      return fault(null, words, "server", "crashes", () -> world.server().crash());
    }
    if (words.peek().equals("powerloss")) {
      words.next();
      return fault(null, words, "server", "loses power", () -> world.server().powerLoss());
    }
    return server.run(words);
  }

  private List<String> client(String name, Words words) {
    if (words.peek().equals("crash")) {
      words.next();
      return fault(name, words, name, "crashes", () -> world.client(name).crash());
    }
    if (words.peek().equals("powerloss")) {
      words.next();
      return fault(name, words, name, "loses power", () -> world.client(name).powerLoss());
    }
    return clients.run(name, words);
  }

  private List<String> copy(Words words) {
    String from = words.next();
    words.expect("to");
    return done(() -> world.client(from).copyTo(world.client(words.next())));
  }

  private List<String> cut(Words words) {
    String name = words.next();
    boolean now = words.isEmpty();
    List<String> output = fault(name, words, name, "is cut off", () -> world.cut(name));
    if (now) {
      // Both ends learn of it.
      world.advance(Duration.ZERO);
    }
    return output;
  }

  /** Now, or {@code at send push} / {@code at arrival outcomes}. */
  private List<String> fault(String client, Words words, String who, String what, Runnable fault) {
    if (words.isEmpty()) {
      return done(fault);
    }
    words.expect("at");
    Traps.Moment moment = Traps.Moment.valueOf(words.next().toUpperCase(Locale.ROOT));
    String type = words.next();
    world.traps().set(client, moment, type, () -> {
      world.event(who + " " + what + " at " + moment.name().toLowerCase(Locale.ROOT) + " of " + type);
      fault.run();
    });
    return List.of();
  }

  private static Duration duration(String text) {
    if (text.endsWith("ms")) {
      return Duration.ofMillis(Long.parseLong(text.substring(0, text.length() - 2)));
    }
    return Duration.parse(text.endsWith("d") ? "P" + text : "PT" + text);
  }

  private static List<String> done(Runnable step) {
    step.run();
    return List.of();
  }

  /** Steps that were meant to happen must have happened. */
  void finish() {
    if (world.traps().waiting() > 0) {
      throw new AssertionError("a fault 'at' a message never happened");
    }
  }

  @Override
  public void close() {
    world.close();
  }
}
