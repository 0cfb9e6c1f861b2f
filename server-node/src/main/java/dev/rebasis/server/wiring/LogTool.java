package dev.rebasis.server.wiring;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.executor.InlineExecutor;
import dev.rebasis.protocol.Fork;
import dev.rebasis.server.internal.master.EmbeddedMaster;
import dev.rebasis.server.internal.master.ExcisionList;
import dev.rebasis.server.internal.master.LogArchive;
import dev.rebasis.server.internal.master.MasterSetup;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/** Works on the log of a data folder that no server has open. Thread-safe: each call takes the folder's lock. */
public final class LogTool {
  private final Path folder;

  /** For this folder. */
  public LogTool(Path folder) {
    this.folder = folder;
  }

  private String path() {
    return folder.toAbsolutePath().resolve("log").toString();
  }

  private String name() {
    return path() + ".mv.db";
  }

  private boolean exists() {
    return Files.exists(Path.of(name()));
  }

  private FolderLock lockExisting() {
    if (!exists()) {
      throw new RebasisException(Keyword.of(":rebasis.error/no-log"), ErrorCategory.FIX_REQUEST,
          "There is no log in the folder " + folder + ". Name the folder that the server was started with.");
    }
    return FolderLock.acquire(folder);
  }

  /** Hands out every transaction in order. */
  public void list(Consumer<LogArchive.Entry> consumer) {
    try (FolderLock lock = lockExisting()) {
      LogArchive.list(path(), name(), consumer);
    }
  }

  /** Replays the log and compares. */
  public LogArchive.Summary verify() {
    try (FolderLock lock = lockExisting()) {
      return EmbeddedMaster.verify(setup(new InlineExecutor()));
    }
  }

  /** Writes the log as an archive. */
  public LogArchive.Summary export(OutputStream out) {
    try (FolderLock lock = lockExisting()) {
      return LogArchive.write(path(), name(), out);
    }
  }

  /**
   * Makes the log of an archive, replays it, and notes the fork.
   *
   * @param from what to call the archive in messages
   */
  public Fork restore(InputStream in, String from) {
    if (exists()) {
      throw new RebasisException(Keyword.of(":rebasis.error/log-not-empty"), ErrorCategory.ASK_PERSON,
          "There is a log in the folder " + folder + " already. Restore into another folder, or move that one away.");
    }
    try (FolderLock lock = FolderLock.acquire(folder)) {
      LogArchive.read(in, from, path(), name());
      return noteFork(-1);
    }
  }

  /**
   * Notes that the database goes on in another way than before.
   *
   * @param t the newest T that both ways have in common; -1 for the newest of the log
   */
  public Fork fork(long t) {
    try (FolderLock lock = lockExisting()) {
      return noteFork(t);
    }
  }

  /**
   * Carries out what the database was told to excise: the log is written anew beside the old one, which is then deleted.
   *
   * @return how many facts went
   */
  public long excise() {
    try (FolderLock lock = lockExisting()) {
      deleteLog("log-new");
      String fresh = folder.toAbsolutePath().resolve("log-new").toString();
      long excised = LogArchive.excise(path(), name(), fresh, UUID.randomUUID());
      if (excised > 0) {
        for (String ending : List.of(".mv.db.journal", ".txt")) {
          Files.deleteIfExists(folder.resolve("log" + ending));
        }
        Files.move(folder.resolve("log-new.mv.db"), folder.resolve("log.mv.db"), StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      }
      deleteLog("log-new");
      return excised;
    } catch (IOException e) {
      throw new RebasisException(Keyword.of(":rebasis.error/log-failed"), ErrorCategory.ASK_PERSON, "Cannot put the new log of "
          + folder + " in its place: " + e.getMessage() + ". Check the disk, then run it again.", Map.of(), e);
    }
  }

  /** What the database was told to excise and still holds. */
  public List<ExcisionList.Asked> asked() {
    try (FolderLock lock = lockExisting()) {
      return LogArchive.asked(path(), name());
    }
  }

  private void deleteLog(String name) throws IOException {
    for (String ending : List.of(".mv.db", ".mv.db.journal", ".txt")) {
      Files.deleteIfExists(folder.resolve(name + ending));
    }
  }

  private Fork noteFork(long t) {
    InlineExecutor inline = new InlineExecutor();
    CompletableFuture<Fork> noted = new CompletableFuture<>();
    try (EmbeddedMaster master = EmbeddedMaster.open(setup(inline))) {
      inline.execute(() -> {
        if (t > 0 && !master.hasTransaction(t)) {
          noted.completeExceptionally(new RebasisException(Keyword.of(":rebasis.error/wrong-argument"),
              ErrorCategory.FIX_REQUEST, "The log has no transaction with T " + t + "; 'rebasis log list' shows those that it has."));
          return;
        }
        master.fork(t < 0 ? master.forcedT() : t, SchemaInstaller.completing(noted));
      });
      return noted.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RebasisException reason ? reason : e;
    }
  }

  private MasterSetup setup(InlineExecutor inline) {
    return new MasterSetup(path(), name(), Clock.systemUTC(), UUID::randomUUID, inline, inline, failure -> {
      throw failure;
    }, new ProgressLog());
  }
}
