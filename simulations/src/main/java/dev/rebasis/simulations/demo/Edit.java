package dev.rebasis.simulations.demo;

/**
 * One edit of one client: a transaction and what it must have done in the end.
 *
 * @param kind what sort of edit
 * @param geonames the city that it touches
 * @param shared whether the other client touches the same fact
 * @param forms the transaction as EDN text
 * @param expected the value that the fact has if no one else touched it, as text; empty for edits whose effect is
 *     checked otherwise
 */
record Edit(Kind kind, long geonames, boolean shared, String forms, String expected) {
  /** The sorts of edits. */
  enum Kind {
    /** A new population, whatever the old one was. */
    POPULATION,
    /** A corrected name. */
    NAME,
    /** A new population, provided that the old one still stands ({@code :db/cas}). */
    COMPARE_AND_SWAP,
    /** A tag more. */
    TAG,
    /** A note, as a component. */
    NOTE,
    /** A city of its own, made and then deleted in the next edit. */
    NEW_CITY,
    /** A city that an earlier edit of the same client made is deleted. */
    DELETE_OWN
  }

  String toLine() {
    return kind + "\t" + geonames + "\t" + shared + "\t" + expected + "\t" + forms;
  }

  static Edit parse(String line) {
    String[] cells = line.split("\t", 5);
    return new Edit(Kind.valueOf(cells[0]), Long.parseLong(cells[1]), Boolean.parseBoolean(cells[2]), cells[4], cells[3]);
  }
}
