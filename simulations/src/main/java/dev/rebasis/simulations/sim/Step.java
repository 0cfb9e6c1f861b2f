package dev.rebasis.simulations.sim;

import java.util.Objects;
import java.util.regex.Pattern;

/**
 * One thing that happens in a plan. Immutable.
 *
 * @param atMillis when, in virtual milliseconds from the beginning, 0 or more
 * @param node {@code server} or a client's name
 * @param verb what
 * @param argument what it needs, may be empty
 * @param fault the kind of fault that it belongs to, null if none
 */
public record Step(long atMillis, String node, Verb verb, String argument, Fault fault) {
  /** Copies and checks. */
  public Step {
    Objects.requireNonNull(node, "node");
    Objects.requireNonNull(verb, "verb");
    Objects.requireNonNull(argument, "argument");
  }

  /** In a write's argument: what write 12 made under the tempid "line-1" is {@code ?12.line-1}. */
  public static final Pattern REFERENCE = Pattern.compile("\\?(\\d+)\\.([A-Za-z0-9_-]+)");

  /** The server's name. */
  public static final String SERVER = "server";

  /** Whether it concerns the server. */
  public boolean isServer() {
    return node.equals(SERVER);
  }

  /** Whether it is a write, not a fault. */
  public boolean isWrite() {
    return verb == Verb.TRANSACT;
  }

  /** Whether it does something with transactions that its client made before: takes back, retries, edits, gives up. */
  public boolean isRevisit() {
    return isWrite() && Revisits.is(kind());
  }

  /** A write's own number in its plan, by which later writes refer to what it made. */
  public int label() {
    return Integer.parseInt(word(0));
  }

  /** The kind of a write's operation. */
  public String kind() {
    return word(1);
  }

  /** The argument of a write's operation. */
  public String operation() {
    return argument.split(" ", 3)[2];
  }

  private String word(int index) {
    return argument.split(" ", 3)[index];
  }
}
