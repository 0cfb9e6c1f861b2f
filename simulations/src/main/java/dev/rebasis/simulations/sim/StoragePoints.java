package dev.rebasis.simulations.sim;

import dev.rebasis.simulations.disk.DiskOperation;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Gives each storage operation of one node a name that is the same in each play of a plan: file, operation, count. What
 * Rebasis itself writes (write-ahead log, journal, position, label) is named operation by operation. H2 decides how many
 * pages it writes and reads at once, and its own clock has a part in that; so such a run of pages has one name, with
 * {@code .2} for its second page, and the pages behind have none. Confined to one play.
 */
final class StoragePoints {
  private final Map<String, Integer> counts = new HashMap<>();
  private String run = "";
  private int runLength;

  /** The name of the operation that comes now, for example {@code log.wal write 7}; null if it has none. */
  String next(DiskOperation operation, String file) {
    String kind = file + " " + operation.name().toLowerCase(Locale.ROOT);
    if (!isPages(operation, file)) {
      // Reading from the journal while pages go to the file does not end their run.
      if (operation != DiskOperation.READ) {
        run = "";
      }
      return kind + " " + counts.merge(kind, 1, Integer::sum);
    }
    if (!kind.equals(run)) {
      if (operation == DiskOperation.READ && run.endsWith(" write")) {
        return null;
      }
      run = kind;
      runLength = 0;
      counts.merge(kind, 1, Integer::sum);
    }
    runLength++;
    return runLength == 1 ? kind + " " + counts.get(kind) : runLength == 2 ? kind + " " + counts.get(kind) + ".2" : null;
  }

  /** Whether a named point is in a run of pages, or may lie behind one. */
  static boolean isPages(String point) {
    return point.contains(".mv");
  }

  private static boolean isPages(DiskOperation operation, String file) {
    boolean pagesOfH2 = file.contains(".mv") && !file.endsWith(".journal") && !file.endsWith(".position");
    return operation == DiskOperation.WRITE && pagesOfH2
        || operation == DiskOperation.READ && (pagesOfH2 || file.endsWith(".journal"));
  }
}
