package dev.rebasis.server.cli;

import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files that may change while the server runs: who may come in, what they may see, certificates. What they hold is compared at
 * each look, which works on every file system and in containers, where notices of changes do not. A change counts once two looks
 * in a row have found the same, so that nobody goes by a file that is half written or by the first of two that belong together. What
 * cannot be used is logged, and what was in use stays. Confined to one thread.
 */
final class WatchedFiles {
  private static final Logger LOG = LoggerFactory.getLogger(WatchedFiles.class);

  private final List<Watch> watches = new ArrayList<>();

  /** Goes by what files hold now. */
  interface Change {
    /**
     * To be used from now on.
     *
     * @param contents of the files, in their order
     * @throws RebasisException if it cannot be used; nothing has changed then, unless it can be tried again: one of several
     *     databases may go by it already
     */
    void to(List<String> contents);
  }

  /**
   * Looks after files that belong together; what they hold now is in use.
   *
   * @param change told when they hold something else
   */
  void add(List<Path> files, Change change) {
    watches.add(new Watch(files, change));
  }

  /** To be called every second or so. */
  void look() {
    watches.forEach(Watch::look);
  }

  private static final class Watch {
    private final List<Path> files;
    private final Change change;
    /** Null while nobody knows what is in use: some of it may have been taken up, so that what was before is to be used anew too. */
    private List<String> applied;
    private List<String> seen;

    Watch(List<Path> files, Change change) {
      this.files = List.copyOf(files);
      this.change = change;
      this.applied = contents();
      this.seen = applied;
    }

    void look() {
      List<String> now = contents();
      boolean isSettled = now.equals(seen);
      seen = now;
      if (!isSettled || now.equals(applied)) {
        return;
      }
      if (now.isEmpty()) {
        applied = now;
        LOG.error("{} cannot be read any more. What was read before stays in use.", files);
        return;
      }
      try {
        change.to(now);
        applied = now;
        LOG.info("{} changed and is in use now.", files);
      } catch (RebasisException e) {
        if (e.category() == ErrorCategory.RETRY_LATER) {
          applied = null;
          LOG.warn("{} changed, which the server cannot take up now; it is tried again in a second. {}", files, e.getMessage());
        } else {
          applied = now;
          LOG.error("{} changed and cannot be used; what was read before stays in use. {}", files, e.getMessage());
        }
      } catch (RuntimeException e) {
        applied = null;
        LOG.error("{} changed, and a fault keeps it from being used; it is tried again in a second.", files, e);
      }
    }

    /** Empty if one of them cannot be read. */
    private List<String> contents() {
      List<String> contents = new ArrayList<>();
      for (Path file : files) {
        try {
          contents.add(Files.readString(file));
        } catch (IOException e) {
          LOG.debug("{} cannot be read: {}", file, e.toString());
          return List.of();
        }
      }
      return contents;
    }
  }
}
