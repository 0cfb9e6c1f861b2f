package dev.rebasis.client.internal.core;

import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.log.StoreErrors;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Writes to the log for many threads at once: whoever waits while nobody writes becomes the writer, takes everything
 * that has been handed in, writes it in one database transaction with one force, and wakes the others. Thread-safe.
 *
 * <p>Why not a thread of its own: at one caller the two hand-overs would cost as much as the write. "Storage writer" is
 * thus a role, held by one thread at a time, not under a lock: handing in never waits for the disk. Known as group
 * commit (DeWitt et al., 1984) with leader and followers (Schmidt et al., 2000).
 *
 * <p>A write that fails ends it all: every later call throws the same error, since what is in memory may be ahead of
 * the disk then.
 */
final class GroupCommit {
  /** Writes entries in one go; {@code force} as {@link dev.rebasis.client.internal.log.ClientLog#write}. */
  @FunctionalInterface
  interface Writer {
    void write(List<LogEntry> entries, boolean force);
  }

  private record Request(long ticket, List<LogEntry> entries, boolean force, Runnable written) {}

  private final Writer writer;
  private final Consumer<RuntimeException> failed;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition progress = lock.newCondition();
  // All guarded by lock.
  private List<Request> waiting = new ArrayList<>();
  private long lastTicket;
  private long writtenTicket;
  private boolean writing;
  private RuntimeException failure;

  /**
   * Makes one.
   *
   * @param failed told once, without a lock, when a write has failed
   */
  GroupCommit(Writer writer, Consumer<RuntimeException> failed) {
    this.writer = writer;
    this.failed = failed;
  }

  /**
   * Hands entries in. They are written in the order in which they are handed in, once someone waits for them.
   *
   * @param written run by the writer, without a lock, after they are written and before the next is
   * @return the ticket to wait for
   */
  long submit(List<LogEntry> entries, boolean force, Runnable written) {
    lock.lock();
    try {
      checkUsable();
      waiting.add(new Request(++lastTicket, entries, force, written));
      return lastTicket;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until a ticket's entries are written, and writes them itself if nobody else does.
   *
   * @throws RebasisException if they could not be written
   */
  void await(long ticket) {
    List<Request> group;
    lock.lock();
    try {
      while (writing && writtenTicket < ticket && failure == null) {
        progress.awaitUninterruptibly();
      }
      if (writtenTicket >= ticket) {
        return;
      }
      checkUsable();
      writing = true;
      group = waiting;
      waiting = new ArrayList<>();
    } finally {
      lock.unlock();
    }
    write(group);
  }

  /** Writes what has been handed in, waits for the writer, and refuses everything from now on. */
  void close(RebasisException reason) {
    long last;
    lock.lock();
    try {
      last = failure == null ? lastTicket : writtenTicket;
    } finally {
      lock.unlock();
    }
    await(last);
    lock.lock();
    try {
      while (writing) {
        progress.awaitUninterruptibly();
      }
      if (failure == null) {
        failure = reason;
      }
    } finally {
      lock.unlock();
    }
  }

  private void write(List<Request> group) {
    RuntimeException error = new RebasisException(
        StoreErrors.FAILED, ErrorCategory.ASK_PERSON, "The store's log could not be written.");
    try {
      List<LogEntry> entries = group.get(0).entries();
      boolean force = group.get(0).force();
      if (group.size() > 1) {
        entries = new ArrayList<>();
        for (Request request : group) {
          entries.addAll(request.entries());
          force |= request.force();
        }
      }
      writer.write(entries, force);
      for (Request request : group) {
        request.written().run();
      }
      error = null;
    } catch (RuntimeException e) {
      error = e;
      throw e;
    } finally {
      ended(group.get(group.size() - 1).ticket(), error);
    }
  }

  private void ended(long ticket, RuntimeException error) {
    lock.lock();
    try {
      writing = false;
      if (error == null) {
        writtenTicket = ticket;
      } else {
        failure = error;
      }
      progress.signalAll();
    } finally {
      lock.unlock();
    }
    if (error != null) {
      failed.accept(error);
    }
  }

  private void checkUsable() {
    if (failure != null) {
      throw failure;
    }
  }
}
