package dev.rebasis.simulations.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;

/**
 * One question of the benchmark. Immutable.
 *
 * @param name what it is about
 * @param head the query up to its clauses
 * @param clauses in the order that suits Datomic best
 * @param inputs after the database, for the n-th time of asking; rules as the text {@link #INFLUENCED}
 * @param isJoin whether the order of its clauses is to be shuffled
 */
record MbrainzQuery(String name, String head, List<String> clauses, IntFunction<List<Object>> inputs, boolean isJoin) {
  static final String INFLUENCED = """
      [[(influenced [?a] ?b) [?b :artist/influence ?a]]
       [(influenced [?a] ?b) [?c :artist/influence ?a] (influenced ?c ?b)]]""";

  /** The questions that have a query; navigating entities is measured apart. */
  static List<MbrainzQuery> all(MbrainzData data) {
    IntFunction<List<Object>> gid = i -> List.of(MbrainzData.artistGid(spread(i, data.artists())));
    IntFunction<List<Object>> artist = i -> List.of(MbrainzData.artistName(spread(i, data.artists())));
    IntFunction<List<Object>> release = i -> List.of(MbrainzData.releaseName(spread(i, data.releases())));
    IntFunction<List<Object>> track = i -> List.of(data.trackName(spread(i, data.tracks())));
    IntFunction<List<Object>> nothing = i -> List.of();
    return List.of(
        new MbrainzQuery("look-up by unique attribute", "[:find ?name . :in $ ?gid",
            List.of("[?a :artist/gid ?gid]", "[?a :artist/name ?name]"), gid, false),
        new MbrainzQuery("two clauses", "[:find ?d :in $ ?name",
            List.of("[?t :track/name ?name]", "[?t :track/duration ?d]"), track, true),
        new MbrainzQuery("three clauses", "[:find ?name :in $ ?artist",
            List.of("[?a :artist/name ?artist]", "[?r :release/artists ?a]", "[?r :release/name ?name]"), artist, true),
        new MbrainzQuery("five clauses, down to the tracks", "[:find ?title :in $ ?artist",
            List.of("[?a :artist/name ?artist]", "[?r :release/artists ?a]", "[?r :release/media ?m]",
                "[?m :medium/tracks ?t]", "[?t :track/name ?title]"), artist, true),
        new MbrainzQuery("five clauses, up from a track", "[:find ?artist :in $ ?title",
            List.of("[?t :track/name ?title]", "[?m :medium/tracks ?t]", "[?r :release/media ?m]",
                "[?r :release/artists ?a]", "[?a :artist/name ?artist]"), track, true),
        new MbrainzQuery("join of a range of years", "[:find (count ?t) . :in $ ?album",
            List.of("[?r0 :release/name ?album]", "[?r0 :release/year ?year]", "[?r :release/year ?year]",
                "[?r :release/media ?m]", "[?m :medium/tracks ?t]"), release, true),
        new MbrainzQuery("recursive rule", "[:find ?name :in $ % ?gid",
            List.of("[?a :artist/gid ?gid]", "(influenced ?a ?b)", "[?b :artist/name ?name]"),
            i -> List.of(INFLUENCED, MbrainzData.artistGid(1 + spread(i, Math.max(1, data.artists() / 20)))), false),
        new MbrainzQuery("not", "[:find (count ?a) . ",
            List.of("[?a :artist/startYear 1950]", "(not [_ :release/artists ?a])"), nothing, false),
        new MbrainzQuery("aggregate over an attribute", "[:find (avg ?d) . :with ?t",
            List.of("[?t :track/duration ?d]"), nothing, false),
        new MbrainzQuery("groups", "[:find ?year (count ?r)",
            List.of("[?r :release/year ?year]"), nothing, false));
  }

  // Neighbours in a row of questions should not be neighbours in the data.
  private static int spread(int i, int of) {
    return Math.floorMod(i * 7_919, of);
  }

  /** The query with its clauses in the best order. */
  String text() {
    return text(clauses);
  }

  private String text(List<String> order) {
    return head + " :where " + String.join(" ", order) + "]";
  }

  /** The query with its clauses in random orders, the same ones at each call. */
  List<String> shuffled(int count) {
    Random random = new Random(7);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      List<String> order = new ArrayList<>(clauses);
      Collections.shuffle(order, random);
      texts.add(text(order));
    }
    return texts;
  }
}
