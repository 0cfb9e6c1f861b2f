package dev.rebasis.client.internal.log;

import dev.rebasis.client.Durability;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Trims the confirmed history of a store that nobody has open: a copy without it is written beside the log and then takes the
 * log's place in one step, so that a crash leaves the one or the other. The index is made again at the next opening. Stateless.
 */
public final class StoreTrim {
  static final String COPY = "trimmed";

  private StoreTrim() {}

  /**
   * Trims.
   *
   * @param folder of the store
   * @param beforeT what is past at this T goes; at most the newest confirmed T counts
   * @param newIds gives ids that nobody has
   * @return the T from which on the history is complete now
   * @throws RebasisException if the store cannot be opened, or a load is under way in it
   */
  public static long trim(Path folder, long beforeT, Supplier<UUID> newIds) {
    StoreFiles files = StoreFiles.folder(folder);
    StoreFiles trimmed = StoreFiles.folder(folder.resolve(COPY));
    long t;
    try (ClientLog log = ClientLog.open(files, Durability.POWER_LOSS, newIds)) {
      if (log.state().loading() != null || log.state().forking() != null) {
        throw new RebasisException(Keyword.of(":rebasis.error/loading"), ErrorCategory.RETRY_LATER, "The store " + folder
            + " is in the middle of a load. Let the program finish it first.");
      }
      if (log.state().part().isPart()) {
        throw new RebasisException(Keyword.of(":rebasis.error/holds-part"), ErrorCategory.FIX_REQUEST, "The store " + folder
            + " holds a part of its database, whose history begins when an entity comes in. There is nothing to trim.");
      }
      t = Math.min(beforeT, log.position());
      if (t <= log.historyFrom()) {
        return log.historyFrom();
      }
      trimmed.delete();
      log.copyTrimmed(folder.resolve(COPY), t);
    }
    try {
      Files.move(folder.resolve("trimmed/log.mv.db"), folder.resolve("log.mv.db"), StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
      for (String index : List.of("index.mv", "index.position")) {
        Files.deleteIfExists(folder.resolve(index));
      }
      trimmed.delete();
      return t;
    } catch (IOException e) {
      throw StoreErrors.failed(folder.toString(), "put the trimmed log in its place", e);
    }
  }
}
