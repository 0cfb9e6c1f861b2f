package dev.rebasis.server.wiring;

/** The names under which log lines carry what they are about, beside those that the sessions give. */
final class LogKeys {
  /** A database's name; on every line of its threads and of requests to it. */
  static final String DATABASE = "database";
  static final String USER = "user";
  static final String CODE = "code";

  private LogKeys() {}
}
