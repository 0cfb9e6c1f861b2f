package dev.rebasis.simulations.workload;

/**
 * What a run was given failed itself: an operation, a law, a judge or an invariant threw. No promise of Rebasis is broken
 * by that. An error, since the programs that are simulated may catch exceptions. Immutable.
 */
public final class WorkloadFailed extends Error {
  private static final long serialVersionUID = 1;
  private static final int FRAMES_MAX = 8;

  WorkloadFailed(String what, Throwable cause) {
    super(told(what, cause), cause);
  }

  /** The cause with its own frames, down to where the simulator called it: what stands below says nothing to its author. */
  private static String told(String what, Throwable cause) {
    StringBuilder text = new StringBuilder(what).append(" fails: ").append(cause);
    int frames = 0;
    for (StackTraceElement frame : cause.getStackTrace()) {
      if (frame.getClassName().startsWith(GuardedWorkload.class.getName()) || frames++ == FRAMES_MAX) {
        break;
      }
      text.append("\n      at ").append(frame);
    }
    for (Throwable deeper = cause.getCause(); deeper != null; deeper = deeper.getCause()) {
      text.append("\n      caused by ").append(deeper);
    }
    return text.toString();
  }
}
