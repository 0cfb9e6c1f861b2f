package dev.rebasis.simulations.demo;

import dev.rebasis.client.Database;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.edn.Edn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** All current datoms of one database as sorted lines {@code e a v tx}, and the comparison of two such dumps. */
final class DatomDump {
  private static final int DIFFERENCES_MAX = 10;

  private DatomDump() {}

  static String line(long e, long a, Object v, long tx) {
    return e + "\t" + a + "\t" + Edn.write(v) + "\t" + tx;
  }

  /** Writes the dump of a client's database; returns how many datoms it has. */
  static int write(Database db, Path file) throws IOException {
    TreeSet<String> lines = new TreeSet<>();
    for (Datom datom : db.seekDatoms(IndexOrder.EAVT)) {
      lines.add(line(datom.e(), datom.a(), datom.v(), datom.tx()));
    }
    Files.write(file, lines);
    return lines.size();
  }

  /**
   * The differences of two dumps, the first ones in words; empty if they are equal.
   *
   * @param nameA whose dump the first is
   * @param nameB whose dump the second is
   */
  static List<String> differences(String nameA, List<String> a, String nameB, List<String> b) {
    TreeSet<String> onlyA = new TreeSet<>(a);
    onlyA.removeAll(new TreeSet<>(b));
    TreeSet<String> onlyB = new TreeSet<>(b);
    onlyB.removeAll(new TreeSet<>(a));
    List<String> differences = new ArrayList<>();
    onlyA.stream().limit(DIFFERENCES_MAX).forEach(line -> differences.add("only on " + nameA + ": " + line));
    onlyB.stream().limit(DIFFERENCES_MAX).forEach(line -> differences.add("only on " + nameB + ": " + line));
    if (a.size() != b.size()) {
      differences.add(nameA + " has " + a.size() + " datoms, " + nameB + " has " + b.size());
    }
    return differences;
  }
}
