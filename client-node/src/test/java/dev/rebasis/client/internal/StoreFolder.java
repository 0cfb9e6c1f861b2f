package dev.rebasis.client.internal;

import dev.rebasis.client.Durability;
import dev.rebasis.client.internal.index.DatomIndex;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.LogEntry;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.data.Transaction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A store in a folder, with its log and index open. Confined to a test. */
public final class StoreFolder implements AutoCloseable {
  public final Path folder;
  public final ClientLog log;
  public final DatomIndex index;

  public StoreFolder(Path folder) {
    StoreFiles files = StoreFiles.folder(folder);
    this.folder = folder;
    this.log = ClientLog.open(files, Durability.PROCESS_CRASH, Samples.ids());
    boolean done = false;
    try {
      this.index = DatomIndex.open(files, log);
      done = true;
    } finally {
      if (!done) {
        log.close();
      }
    }
  }

  /** Confirms a transaction, as a client does: first the log, then the index. */
  public void confirm(Transaction transaction) {
    log.write(List.of(new LogEntry.Confirmed(List.of(transaction))), false);
    index.apply(List.of(transaction));
  }

  /** Copies the files as they are now, open or not: what a crash of the process would leave. */
  public static Path copy(Path from, Path to) {
    try (Stream<Path> files = Files.list(from)) {
      Files.createDirectories(to);
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
      return to;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    index.close();
    log.close();
  }
}
