package dev.rebasis.simulations.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.Locale;
import org.slf4j.LoggerFactory;

/** Sets how much the command line logs, and how; {@code logback.xml} holds the defaults. */
final class LogLevels {
  /** What logback.xml asks for, in the properties and then in the environment. */
  private static final String FORMAT = "REBASIS_LOG_FORMAT";

  /** How a line of the log is written. */
  enum Format { TEXT, JSON }

  private LogLevels() {}

  /**
   * To be called before anything is logged.
   *
   * @param verbose whether to log more
   * @param format how; null to leave it as it is
   */
  static void set(boolean verbose, Format format) {
    if (format != null) {
      System.setProperty(FORMAT, format.name().toLowerCase(Locale.ROOT));
    }
    if (verbose) {
      ((Logger) LoggerFactory.getLogger("dev.rebasis")).setLevel(Level.DEBUG);
    }
  }
}
