package dev.rebasis.simulations.sim;

import java.util.Locale;

/** What a step of a plan does to its node. Immutable. docs/simulations.md lists them, {@link StepForm} their arguments. */
public enum Verb {
  /** A write: label, kind and argument of the workload's operation. */
  TRANSACT,
  /** Cut off, with a word to both ends. */
  CUT,
  HEAL,
  /** {@code up}, {@code down} or {@code both}: nothing gets through, and nobody is told. */
  SILENCE,
  UNSILENCE,
  /** Breaks the connection. */
  RESET,
  /** {@code MIN-MAX loss L dup D reorder R}, perhaps with {@code tail A}, or {@code usual}. */
  LINE,
  CRASH,
  POWERLOSS,
  STOP,
  START,
  /** So many bytes more fit on the disk, or {@code free}. */
  SPACE,
  /** {@code NAME,NAME} or {@code -}: the scopes that it wants from now on. */
  SCOPES,
  /** Each task of its storage thread takes up to so many milliseconds; 0 ends it. */
  SLOW,
  /** {@code read N}, {@code write N}, {@code force N}: the Nth from now fails. */
  FAIL,
  /** So many milliseconds too much on its clock. */
  CLOCK,
  /** {@code send|arrival TYPE cut|crash|powerloss|server-crash|server-powerloss}: at the next such message. */
  TRAP,
  /** {@code FILE OPERATION N fail|crash|powerloss}: at this storage operation, counted from the beginning of the play. */
  POINT,
  /** {@code N cut|crash|powerloss}: at the Nth moment of a message on a client's line; each is sent and arrives. */
  MESSAGE,
  /** Keeps what is on the node's disk, in the place of what was kept before. */
  BACKUP,
  /** Kills the node, puts what was kept on its disk, and starts it. */
  RESTORE,
  /** {@code CLIENT}: kills that one, puts a copy of this node's disk in the place of its own, and starts it. */
  CLONE,
  /** Real processes only: the server's end of a connection breaks, and the client is not told. */
  HALFOPEN,
  /** Real processes only: so many bytes a second, until the line is usual again. */
  THROTTLE;

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
