package dev.rebasis.client.internal.index;

import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.StoreErrors;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.data.Transaction;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.UUID;
import java.util.function.Consumer;
import org.h2.message.DbException;
import org.h2.mvstore.MVStoreException;
import org.h2.store.fs.FileUtils;

/**
 * Where the index of a store comes from: its file, if that is one of this log, else the log. Confined to the index's
 * owner, but for {@link #makeInMemory}.
 */
final class IndexSource {
  private final StoreFiles files;
  private final ClientLog log;

  IndexSource(StoreFiles files, ClientLog log) {
    this.files = files;
    this.log = log;
  }

  /**
   * The index in the file if it is one of this log, else null.
   *
   * @param upToT no newer one is wanted
   */
  IndexStore read(long upToT) {
    if (files.indexFile() == null || !FileUtils.exists(files.indexFile())) {
      return null;
    }
    try {
      IndexPosition position = IndexPosition.read(files.indexPositionFile());
      String unfit = unfit(position, upToT);
      if (unfit == null) {
        IndexStore found = IndexStore.open(files.indexFile(), position);
        if (found != null) {
          return found;
        }
        unfit = "its file is not the one that was forced to the disk last";
      }
      logger().log(Level.INFO, "The index of {0} is made again from the log: {1}.", files, unfit);
    } catch (IOException | MVStoreException | DbException | IllegalArgumentException e) {
      logger().log(Level.WARNING, "The index of {0} is made again from the log, for it cannot be read: {1}", files, e);
    }
    return null;
  }

  private String unfit(IndexPosition position, long upToT) {
    if (position == null) {
      return "it does not say what it stands at, or has another format";
    }
    if (!position.incarnation().equals(log.incarnation())) {
      return "it was made from an earlier log";
    }
    if (position.t() > log.position()) {
      return "it stands at T " + position.t() + ", beyond the log's T " + log.position();
    }
    if (position.t() > upToT) {
      return "it stands at T " + position.t() + ", in the middle of a load that was cut";
    }
    return position.chain().equals(log.chainAt(position.t())) ? null : "the log holds other transactions";
  }

  /**
   * Makes it from the log, in the file if the store has any.
   *
   * @param upToT the last transaction that is wanted
   * @param each is told of each transaction
   * @throws dev.rebasis.error.RebasisException if the log or the disk refuses
   */
  IndexStore make(long upToT, Consumer<Transaction> each) {
    IndexStore made = null;
    boolean done = false;
    try {
      if (files.indexFile() != null) {
        FileUtils.delete(files.indexPositionFile());
        FileUtils.delete(files.indexFile());
      }
      made = IndexStore.make(files.indexFile());
      if (log.position() > 0) {
        fromLog(made, files.scratchFile(), upToT, each);
      }
      done = true;
      return made;
    } catch (MVStoreException | DbException e) {
      throw StoreErrors.indexFailed(files.name(), e);
    } finally {
      if (!done && made != null) {
        made.abandon();
      }
    }
  }

  /** Makes it from the log up to a T, in memory. For any thread. */
  IndexStore makeInMemory(long upToT) {
    IndexStore made = IndexStore.make(null);
    fromLog(made, null, upToT, transaction -> { });
    return made;
  }

  private void fromLog(IndexStore into, String scratchFile, long upToT, Consumer<Transaction> each) {
    IndexBuilder all = new IndexBuilder(scratchFile);
    try (all) {
      log.reads().transactionsUpTo(upToT, (transaction, chain) -> {
        each.accept(transaction);
        if (into.isEmpty() && IndexBuilder.takes(transaction)) {
          all.add(transaction, chain);
          return;
        }
        // What leaves a part of the database is forgotten: from there on only one by one is right.
        fill(into, all);
        into.apply(transaction, chain);
        if (into.isFull()) {
          into.commit(false);
        }
      });
      fill(into, all);
    }
  }

  private static void fill(IndexStore into, IndexBuilder all) {
    if (into.isEmpty() && all.t() > 0) {
      into.become(all);
    }
  }

  /** Says what the index file stands at. If that fails, the file is made again at the next start. */
  void writePosition(IndexStore index, UUID incarnation) {
    try {
      new IndexPosition(incarnation, index.t(), index.chain(), index.store().getCurrentVersion())
          .write(files.indexPositionFile());
    } catch (IOException | DbException e) {
      logger().log(Level.WARNING, "The position of the index of {0} could not be written: {1}", files, e);
    }
  }

  /** Asked for when there is something to say: it may start a whole logging framework, which an opening need not wait for. */
  private static Logger logger() {
    return System.getLogger(DatomIndex.class.getName());
  }
}
