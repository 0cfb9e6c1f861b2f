package dev.rebasis.error;

/** What the receiver of an error can do about it. Immutable. */
public enum ErrorCategory {
  /** The same request may succeed later; see the delay in the error, where there is one. */
  RETRY_LATER,
  /** The transaction or query itself is wrong; repeating it unchanged fails again. */
  FIX_REQUEST,
  /** A person must decide: the data of two writers, a store or a server setup contradict each other. */
  ASK_PERSON,
  /** A broken invariant of Rebasis or a misuse of its API. */
  PROGRAMMING_ERROR
}
