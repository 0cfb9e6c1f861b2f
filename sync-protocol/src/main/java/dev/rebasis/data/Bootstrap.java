package dev.rebasis.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The facts that every Datomic database begins with, so that a client works before it ever met a server. Immutable;
 * read once from a class-path resource.
 *
 * <p>The resource has one datom a line: entity, attribute id, T, {@code +} or {@code -}, and the value behind one
 * letter for its type ({@code l}ong or reference, {@code s}tring, {@code k}eyword, {@code b}oolean, {@code t}ime in
 * milliseconds), parted by tabulators. A format of its own, since this is read at every start of a client. It holds no
 * datom of {@code :db/fn}: Datomic's own functions are built in, and a function is no value that a client can hold.
 */
public final class Bootstrap {
  /** Datomic's {@code basisT} of a database without user transactions. */
  public static final long BASIS_T = 66;

  private static final String RESOURCE = "bootstrap.tsv";

  private Bootstrap() {}

  private static final class Holder {
    static final List<Datom> DATOMS = Collections.unmodifiableList(read());
    static final List<Datom> BY_T = sorted(DATOMS);
    static final Schema SCHEMA = Schema.EMPTY.with(DATOMS);
  }

  /**
   * All datoms of a new database, retractions included, in the order of its EAVT history.
   *
   * <p>Two are odd, as they are in Datomic: {@code :db.fn/retractEntity} and {@code :db.fn/cas} are retracted at a T
   * before the one that asserts them. They count as current; see {@link Schema#ident(long)}.
   *
   * @return an unmodifiable list
   */
  public static List<Datom> datoms() {
    return Holder.DATOMS;
  }

  /**
   * The same datoms in the order of T, retractions first, as a log would tell them: whoever applies them one by one
   * holds in the end what a new Datomic database holds, the two odd ones included.
   *
   * @return an unmodifiable list
   */
  public static List<Datom> datomsByT() {
    return Holder.BY_T;
  }

  /** The schema of a new database. */
  public static Schema schema() {
    return Holder.SCHEMA;
  }

  private static List<Datom> sorted(List<Datom> datoms) {
    List<Datom> sorted = new ArrayList<>(datoms);
    // No comparator of method references: they cost milliseconds at a client's start.
    sorted.sort((x, y) -> x.tx() != y.tx() ? Long.compare(x.tx(), y.tx()) : Boolean.compare(x.added(), y.added()));
    return Collections.unmodifiableList(sorted);
  }

  private static List<Datom> read() {
    List<Datom> datoms = new ArrayList<>(300);
    try (InputStream in = Bootstrap.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException("The resource " + RESOURCE + " is missing from the jar of sync-protocol.");
      }
      BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        datoms.add(datom(line));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return datoms;
  }

  private static Datom datom(String line) {
    String[] parts = line.split("\t", -1);
    long tx = EntityIds.txOf(Long.parseLong(parts[2]));
    return new Datom(Long.parseLong(parts[0]), Long.parseLong(parts[1]), value(parts[4]), tx, parts[3].equals("+"));
  }

  private static Object value(String typed) {
    String text = typed.substring(1);
    return switch (typed.charAt(0)) {
      case 'l' -> Long.valueOf(text);
      case 's' -> text;
      case 'k' -> Keyword.of(text);
      case 'b' -> Boolean.valueOf(text);
      case 't' -> Instant.ofEpochMilli(Long.parseLong(text));
      default -> throw new IllegalStateException("Not a value of the bootstrap resource: " + typed);
    };
  }
}
