package dev.rebasis.server.internal.master;

import dev.rebasis.conflict.Rules;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.RebasisException;
import java.time.Clock;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What an embedded master needs from outside. To run one in a single thread (tests, simulations) give the same
 * {@link dev.rebasis.executor.InlineExecutor} twice, a clock that never passes the machine's (Datomic refuses the
 * future), and a path on whatever H2 {@code FilePath} is wanted.
 *
 * @param logPath where the log is, as H2 writes paths and without the ending {@code .mv.db}, for example
 *     {@code /data/log}; null keeps it in memory
 * @param logName what to call the log in messages
 * @param clock the time of transactions; its milliseconds must not be ahead of the machine's
 * @param uuids makes the database's id
 * @param core runs the master's own steps, one at a time; all its methods must be called there
 * @param log runs the writes to the log, one at a time; may be the core
 * @param fatal told when the log failed: memory is then ahead of the disk, and only what is durable can be read until the next
 *     start. Called once, on the core
 * @param progress told how the replay goes on
 * @param rules custom policies and functions, and which policies a push may ask for
 * @param databaseFunctions Datomic's database functions that a push may call
 * @param forceTimer told how long each force of the log takes
 */
public record MasterSetup(
    String logPath,
    String logName,
    Clock clock,
    Supplier<UUID> uuids,
    Executor core,
    Executor log,
    Consumer<RebasisException> fatal,
    Progress progress,
    Rules rules,
    DatabaseFunctions databaseFunctions,
    ForceTimer forceTimer) {

  /** Where nobody wants to know how long a force takes. */
  public MasterSetup(
      String logPath, String logName, Clock clock, Supplier<UUID> uuids, Executor core, Executor log,
      Consumer<RebasisException> fatal, Progress progress, Rules rules, DatabaseFunctions databaseFunctions) {
    this(logPath, logName, clock, uuids, core, log, fatal, progress, rules, databaseFunctions, Runnable::run);
  }

  /** With Rebasis's own policies and functions only. */
  public MasterSetup(
      String logPath, String logName, Clock clock, Supplier<UUID> uuids, Executor core, Executor log,
      Consumer<RebasisException> fatal, Progress progress) {
    this(logPath, logName, clock, uuids, core, log, fatal, progress, Rules.BUILT_IN, DatabaseFunctions.NONE);
  }

  /** Runs each force of the log and may look at a clock before and after, which the master itself must not. */
  @FunctionalInterface
  public interface ForceTimer {
    /** Runs it, on the log executor, and throws what it throws. */
    void timed(Runnable force);
  }

  /** Told now and then while the log is replayed. */
  @FunctionalInterface
  public interface Progress {
    /**
     * So many of so many transactions are done.
     *
     * @param done how many, equal to {@code total} at the end
     * @param total how many the log holds
     */
    void replayed(long done, long total);
  }
}
