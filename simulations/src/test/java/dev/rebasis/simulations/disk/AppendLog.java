package dev.rebasis.simulations.disk;

import java.sql.SQLException;
import java.util.Map;
import java.util.SortedMap;

/** A durable log as the power-loss test sees it. Whoever keeps rows in H2 and acknowledges them plugs in here. */
interface AppendLog extends AutoCloseable {

  /** Opens the log in the H2 database at this path (one of a simulated disk), making its tables if they are missing. */
  interface Opener {
    AppendLog open(String path) throws SQLException;
  }

  /** One transaction: a payload to put under each number, or null to delete that row. */
  void append(Map<Long, String> batch) throws SQLException;

  /** What was appended before is acknowledged when this returns. */
  void force() throws SQLException;

  SortedMap<Long, String> readAll() throws SQLException;

  /** Moves the clock that H2 keeps for the age of its chunks; a log that cannot does nothing. */
  void advanceClock(long millis);

  /** A clean close. */
  @Override
  void close() throws SQLException;

  /** Gives memory and threads back after a crash, writing nothing. */
  void abandon();
}
