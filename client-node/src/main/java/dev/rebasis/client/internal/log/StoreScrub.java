package dev.rebasis.client.internal.log;

import dev.rebasis.error.RebasisException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.h2.message.DbException;

/**
 * Takes excised facts out of a store's files. Rows and index entries are gone at once, yet a database file keeps the bytes of
 * what was deleted until it happens to write over them. So, when the store is closed, the tables are copied row by row into a
 * new file, which takes the place of the old one in one step; the index is made again at the next opening. Copies that were kept
 * of the store in an older format go. Confined to the
 * closing of one store.
 */
final class StoreScrub {
  static final String COPY = "scrubbed";

  private final StoreFiles files;
  private final StoreFiles copy;

  private StoreScrub(StoreFiles files, StoreFiles copy) {
    this.files = files;
    this.copy = copy;
  }

  /**
   * Writes the copy, if one is due.
   *
   * @return what to put in place once the tables are closed; null if nothing is due, or if it cannot be done now, and then
   *     it is tried at the next closing
   */
  static StoreScrub begin(StoreFiles files, LogRows rows, Connection own) throws SQLException {
    if (files.folder() == null) {
      return null;
    }
    StoreFiles copy = StoreFiles.folder(files.folder().resolve(COPY));
    boolean due = rows.isScrubDue();
    if (!due && !Files.exists(files.folder().resolve(COPY))) {
      return null;
    }
    try {
      // Of a copy that was cut, or put in place by a process that died at once.
      copy.delete();
      if (!due) {
        return null;
      }
      StoreBackup.writeScrubbed(own, files.folder().resolve(COPY));
      return new StoreScrub(files, copy);
    } catch (RebasisException | SQLException | DbException e) {
      System.getLogger(StoreScrub.class.getName()).log(System.Logger.Level.WARNING, "The files of the store " + files.name()
          + " still hold what was excised, for the copy without it cannot be written; it is tried again when the store is"
          + " closed next: " + e.getMessage());
      return null;
    }
  }

  /** Puts the copy in place. Nobody has the tables open, and log.wal is empty. */
  void finish() throws IOException {
    Path folder = files.folder();
    for (String index : List.of("index.position", "index.mv", "log.mv.db.journal")) {
      Files.deleteIfExists(folder.resolve(index));
    }
    Files.move(folder.resolve(COPY).resolve("log.mv.db"), folder.resolve("log.mv.db"), StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    StoreUpgrade.deleteCopies(folder);
    copy.delete();
  }
}
