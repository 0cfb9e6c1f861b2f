package dev.rebasis.simulations.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/** Sets how much the command line logs; {@code logback.xml} holds the defaults. */
final class LogLevels {
  private LogLevels() {}

  static void set(boolean verbose) {
    if (verbose) {
      ((Logger) LoggerFactory.getLogger("dev.rebasis")).setLevel(Level.DEBUG);
    }
  }
}
