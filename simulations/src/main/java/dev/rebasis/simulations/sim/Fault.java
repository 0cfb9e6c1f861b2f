package dev.rebasis.simulations.sim;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The kinds of faults that a simulation can put into a world. Immutable. The fault atlas in docs/simulations.md says for
 * each what may be lost by it.
 */
public enum Fault {
  /** Long and uneven delays on a client's line. */
  DELAY("a line is slow and uneven, up to seconds"),
  /** Most messages are quick, few take very long. */
  HEAVY_TAIL("most messages are quick and a few take up to a minute (Pareto)"),
  /** Packets are lost and sent again. */
  LOSS("packets are lost and come again seconds later"),
  /** Whole messages arrive twice, as through a broken intermediary. */
  DUPLICATION("messages arrive twice"),
  /** Messages overtake each other, likewise. */
  REORDERING("messages overtake each other"),
  /** A client is cut off and knows it. */
  PARTITION("a client is cut off"),
  /** All clients are cut off at once. */
  FULL_PARTITION("all clients are cut off at once"),
  /** One direction of a line falls silent. */
  ONE_WAY("a line carries nothing in one direction, and nobody is told"),
  /** Both directions of a line fall silent. */
  BLACK_HOLE("a line carries nothing, and nobody is told"),
  /** A line that comes and goes. */
  FLAPPING("a line comes and goes many times"),
  /** A connection breaks. */
  RESET("a connection is reset"),
  /** Something dies exactly when a certain message is sent or has arrived. */
  MID_MESSAGE("a program or a line dies at the very moment of a message"),
  /** A client is away for hours and writes on. */
  LONG_OFFLINE("a client is offline for hours"),
  /** A client's process is killed. */
  CRASH("a client is killed"),
  /** The server's process is killed. */
  SERVER_CRASH("the server is killed"),
  /** A client's machine loses power. */
  POWER_LOSS("a client's machine loses power; what was not forced may go, in any order, torn"),
  /** The server's machine loses power. */
  SERVER_POWER_LOSS("the server's machine loses power"),
  /** Either is stopped in order and started again. */
  RESTART("a program is stopped in order and started again"),
  /** A client's disk is full. */
  DISK_FULL("a client's disk is full"),
  /** The server's disk is full. */
  SERVER_DISK_FULL("the server's disk is full"),
  /** A client's disk takes its time. */
  SLOW_DISK("a client's disk takes up to seconds for each write"),
  /** The server's disk does. */
  SERVER_SLOW_DISK("the server's disk takes up to seconds for each write"),
  /** A client's disk fails a read, a write or a force. */
  IO_ERROR("a client's disk fails a read, a write or a force"),
  /** The server's disk does. */
  SERVER_IO_ERROR("the server's disk fails a read, a write or a force"),
  /** A clock is wrong, or jumps. */
  CLOCK("a clock is wrong or jumps"),
  /** The schema changes while clients write. */
  SCHEMA("the schema changes while clients write"),
  /** A client's store is restored from an old backup. */
  OLD_BACKUP("a client's store is restored from an old backup", true),
  /** Two copies of one client's store are in use at once. */
  COPIED_STORE("two copies of one client's store are in use at once", true),
  /** The server is restored from a backup while its clients are ahead. */
  SERVER_BACKUP("the server is restored from a backup while its clients are ahead", true);

  private final String meaning;
  private final boolean goesBack;

  Fault(String meaning) {
    this(meaning, false);
  }

  Fault(String meaning, boolean goesBack) {
    this.meaning = meaning;
    this.goesBack = goesBack;
  }

  /** Whether a disk goes back in time by it, or stands in two places: what was acknowledged may go, see the fault atlas. */
  boolean goesBack() {
    return goesBack;
  }

  /** The name on the command line and in plans, for example {@code power-loss}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What happens, in a few words. */
  public String meaning() {
    return meaning;
  }

  /**
   * The kinds that a list names.
   *
   * @param words names separated by commas; {@code all}, {@code none}; a leading minus sign takes one out
   * @throws RebasisException if one is unknown, or there is none in it
   */
  public static Set<Fault> parse(String words) {
    Set<Fault> chosen = EnumSet.noneOf(Fault.class);
    List<String> list = Arrays.stream(words.split(",")).map(String::strip).filter(word -> !word.isEmpty()).toList();
    if (list.isEmpty()) {
      throw unknown("");
    }
    if (!list.isEmpty() && list.get(0).startsWith("-")) {
      chosen.addAll(all());
    }
    for (String word : list) {
      if (word.equals("all")) {
        chosen.addAll(all());
      } else if (word.startsWith("-")) {
        chosen.remove(of(word.substring(1)));
      } else if (!word.equals("none")) {
        chosen.add(of(word));
      }
    }
    return chosen;
  }

  /** Every kind. */
  public static Set<Fault> all() {
    return EnumSet.allOf(Fault.class);
  }

  /** The kinds by which nothing acknowledged may go. */
  static Set<Fault> withoutRestores() {
    Set<Fault> kept = EnumSet.allOf(Fault.class);
    kept.removeIf(Fault::goesBack);
    return kept;
  }

  /** The kind of this name. */
  static Fault of(String word) {
    for (Fault fault : values()) {
      if (fault.word().replace("-", "").equals(word.replace("-", ""))) {
        return fault;
      }
    }
    throw unknown(word);
  }

  private static RebasisException unknown(String word) {
    return new RebasisException(Keyword.of(":rebasis.error/unknown-fault"), ErrorCategory.FIX_REQUEST,
        "There is no fault '" + word + "'. There are: "
            + Arrays.stream(values()).map(Fault::word).collect(Collectors.joining(", ")) + "; 'all' and 'none'.");
  }
}
