package dev.rebasis.simulations.bench;

import datomic.Peer;
import datomic.Util;
import dev.rebasis.client.Database;
import dev.rebasis.client.Entity;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.LookupRef;
import dev.rebasis.edn.Edn;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.IntFunction;

/**
 * One question of the benchmark as both are asked it. Immutable.
 *
 * @param ours asks the client for the n-th time
 * @param theirs asks Datomic for the n-th time
 */
record MbrainzAsking(String name, IntFunction<Object> ours, IntFunction<Object> theirs) {
  static final String NAVIGATION = "entity navigation";

  private static final Object RULES = Util.read(MbrainzQuery.INFLUENCED);

  /** A query. Both get it as data that was read once: both remember what they made of it, but Datomic reads a text each time. */
  static MbrainzAsking of(MbrainzQuery query, MbrainzPair pair) {
    Database ours = pair.ours();
    datomic.Database theirs = pair.theirs();
    Object parsed = Edn.read(query.text());
    Object read = Util.read(query.text());
    return new MbrainzAsking(query.name(), i -> ours.query(parsed, query.inputs().apply(i).toArray()),
        i -> Peer.query(read, withDatabase(theirs, query.inputs().apply(i))));
  }

  /** The inputs as Datomic takes them. */
  static Object[] withDatabase(datomic.Database database, List<Object> inputs) {
    List<Object> all = new ArrayList<>();
    all.add(database);
    inputs.forEach(input -> all.add(input == MbrainzQuery.INFLUENCED ? RULES : input));
    return all.toArray();
  }

  /** An artist by its key, its name, and backwards the names of its releases. */
  static MbrainzAsking navigation(MbrainzData data, MbrainzPair pair) {
    Database ours = pair.ours();
    datomic.Database theirs = pair.theirs();
    Keyword gid = Keyword.of(":artist/gid");
    Object theirGid = Util.read(":artist/gid");
    return new MbrainzAsking(NAVIGATION, i -> {
      Entity artist = ours.entity(new LookupRef(gid, artist(data, i)));
      int length = ((String) artist.get(":artist/name")).length();
      Object releases = artist.get(":release/_artists");
      for (Object release : releases == null ? List.of() : (Collection<?>) releases) {
        length += ((String) ((Entity) release).get(":release/name")).length();
      }
      return length;
    }, i -> {
      datomic.Entity artist = theirs.entity(Util.list(theirGid, artist(data, i)));
      int length = ((String) artist.get(":artist/name")).length();
      Object releases = artist.get(":release/_artists");
      for (Object release : releases == null ? List.of() : (Collection<?>) releases) {
        length += ((String) ((datomic.Entity) release).get(":release/name")).length();
      }
      return length;
    });
  }

  private static Object artist(MbrainzData data, int i) {
    return MbrainzData.artistGid(Math.floorMod(i * 7_919, data.artists()));
  }
}
