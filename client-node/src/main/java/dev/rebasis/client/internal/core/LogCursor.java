package dev.rebasis.client.internal.core;

import dev.rebasis.client.OutcomeCursor;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.LogEntry;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** A cursor over the log. It reads several outcomes at once; what was read once does not change any more. */
final class LogCursor implements OutcomeCursor {
  private static final int READ_AT_ONCE = 200;

  private final String name;
  private final ClientLog log;
  private final GroupCommit commit;
  private final Health health;
  // Guarded by this.
  private final ArrayDeque<Entry> read = new ArrayDeque<>();
  private long done;

  LogCursor(String name, ClientLog log, GroupCommit commit, Health health) {
    this.name = Objects.requireNonNull(name, "name");
    this.log = log;
    this.commit = commit;
    this.health = health;
    this.done = log.reads().cursor(name);
  }

  @Override
  public synchronized Optional<Entry> next() {
    health.check();
    if (read.isEmpty()) {
      read.addAll(log.reads().outcomesAfter(done, READ_AT_ONCE));
    }
    return Optional.ofNullable(read.peek());
  }

  @Override
  public synchronized void done(Entry entry) {
    health.check();
    if (entry.n() <= done) {
      return;
    }
    commit.await(commit.submit(List.of(new LogEntry.CursorAt(name, entry.n())), true, () -> { }));
    done = entry.n();
    read.removeIf(one -> one.n() <= done);
  }
}
