package dev.rebasis.journal;

/**
 * The scheme {@value #SCHEME}: as {@link JournaledPath}, but a force hands its record to the operating system and does not
 * wait for the disk. What was forced survives the end of the process; a loss of power takes the last part of it, and
 * leaves a whole earlier state, never a damaged one.
 *
 * <p>Thread-safe.
 */
public final class LazyJournaledPath extends JournaledPath {

  /** Stands before the path, with a colon. */
  public static final String SCHEME = "rebasis-lazy";

  /** H2 needs it. Use {@link JournaledPath#register()}. */
  public LazyJournaledPath() {}

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  boolean isLazy() {
    return true;
  }
}
