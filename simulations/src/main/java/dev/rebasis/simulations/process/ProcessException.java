package dev.rebasis.simulations.process;

/**
 * A child process did not do what it was to do: it ended, it cannot be talked to, or it did not answer in time. The message
 * names it. Whoever started the process still has to close it.
 */
public final class ProcessException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  ProcessException(String message) {
    super(message);
  }

  ProcessException(String message, Throwable cause) {
    super(message, cause);
  }
}
