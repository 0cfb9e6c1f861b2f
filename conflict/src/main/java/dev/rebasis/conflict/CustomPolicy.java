package dev.rebasis.conflict;

/**
 * A policy of a program's own, registered under a name on clients and server.
 *
 * <p>It must be a pure function: same meeting, same result, on every machine. It may look at the whole entity on all
 * three sides, and may set related attributes too (start and end of an interval, say). If it throws, takes too long or
 * returns something that does not fit the attribute, the transaction is parked with the error and the sync goes on.
 */
@FunctionalInterface
public interface CustomPolicy {
  /** What becomes of the meeting. */
  Resolved resolve(Meeting meeting);
}
