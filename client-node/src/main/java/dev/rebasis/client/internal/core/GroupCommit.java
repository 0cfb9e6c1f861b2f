package dev.rebasis.client.internal.core;

import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.log.StoreErrors;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
 * <p>What is to be done after a write is a second role, held by one thread at a time, in the order of the tickets; the
 * next group may be written meanwhile. Such a task may hand in and wait itself: then its thread does the later tasks
 * within it.
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
  private final ArrayDeque<Request> written = new ArrayDeque<>();
  private long lastTicket;
  private long writtenTicket;
  private long doneTicket;
  private boolean writing;
  private Thread finisher;
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
   * @param written run without a lock, after they are written, in the order of the tickets
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
   * Waits until a ticket's entries are written and what was to be done after it is done; does both itself if nobody
   * else does.
   *
   * @throws RebasisException if they could not be written
   */
  void await(long ticket) {
    List<Request> group = takeOver(ticket);
    if (group != null) {
      write(group);
    }
    finish(ticket);
  }

  /** Waits until all that has been handed in is written and what was to be done after it is done. */
  void awaitAll() {
    long last;
    lock.lock();
    try {
      last = lastTicket;
    } finally {
      lock.unlock();
    }
    await(last);
  }

  /** Writes what has been handed in, waits for whoever is at it, and refuses everything from now on. */
  void close(RebasisException reason) {
    try {
      awaitAll();
    } finally {
      refuse(reason);
    }
  }

  private void refuse(RebasisException reason) {
    lock.lock();
    try {
      while (writing || (finisher != null && finisher != Thread.currentThread())) {
        progress.awaitUninterruptibly();
      }
      failure = failure == null ? reason : failure;
    } finally {
      lock.unlock();
    }
  }

  /** What the caller has to write so that the ticket is; null if someone else did. */
  private List<Request> takeOver(long ticket) {
    lock.lock();
    try {
      while (writing && writtenTicket < ticket) {
        progress.awaitUninterruptibly();
      }
      if (writtenTicket >= ticket) {
        return null;
      }
      checkUsable();
      writing = true;
      List<Request> group = waiting;
      waiting = new ArrayList<>();
      return group;
    } finally {
      lock.unlock();
    }
  }

  private void write(List<Request> group) {
    List<LogEntry> entries = group.get(0).entries();
    boolean force = group.get(0).force();
    if (group.size() > 1) {
      entries = new ArrayList<>();
      for (Request request : group) {
        entries.addAll(request.entries());
        force |= request.force();
      }
    }
    RuntimeException error = null;
    try {
      writer.write(entries, force);
    } catch (RuntimeException e) {
      error = e;
      throw e;
    } catch (Error e) {
      error = new RebasisException(
          StoreErrors.FAILED, ErrorCategory.ASK_PERSON, "The store's log could not be written: " + e, Map.of(), e);
      throw e;
    } finally {
      ended(group, error);
    }
  }

  private void ended(List<Request> group, RuntimeException error) {
    lock.lock();
    try {
      writing = false;
      if (error == null) {
        writtenTicket = group.get(group.size() - 1).ticket();
        written.addAll(group);
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

  /** Does what is to be done after the writes, up to a ticket, or waits for the thread that is at it. */
  private void finish(long ticket) {
    boolean outermost = becomeFinisher(ticket);
    try {
      for (Request next = next(ticket); next != null; next = next(ticket)) {
        next.written().run();
        done(next.ticket());
      }
    } finally {
      if (outermost) {
        resignAsFinisher();
      }
    }
  }

  /** Waits for the role unless the ticket is done by then; true if the caller did not have it before. */
  private boolean becomeFinisher(long ticket) {
    lock.lock();
    try {
      while (finisher != null && finisher != Thread.currentThread() && doneTicket < ticket) {
        progress.awaitUninterruptibly();
      }
      if (finisher != null || doneTicket >= ticket) {
        return false;
      }
      finisher = Thread.currentThread();
      return true;
    } finally {
      lock.unlock();
    }
  }

  private Request next(long ticket) {
    lock.lock();
    try {
      boolean mine = finisher == Thread.currentThread();
      return mine && !written.isEmpty() && written.peek().ticket() <= ticket ? written.poll() : null;
    } finally {
      lock.unlock();
    }
  }

  private void done(long ticket) {
    lock.lock();
    try {
      doneTicket = Math.max(doneTicket, ticket);
      progress.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void resignAsFinisher() {
    lock.lock();
    try {
      finisher = null;
      progress.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void checkUsable() {
    if (failure != null) {
      throw failure;
    }
  }
}
