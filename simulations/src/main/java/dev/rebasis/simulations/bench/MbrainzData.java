package dev.rebasis.simulations.bench;

import datomic.Util;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * A made-up data set in the shape and proportions of the MusicBrainz sample: artists, releases, media and tracks as 664 :
 * 1,036 : 1,200 : 13,234. The same scale gives the same data. Immutable.
 */
final class MbrainzData {
  static final String SCHEMA = """
      [{:db/ident :artist/gid :db/valueType :db.type/uuid :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
       {:db/ident :artist/name :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/index true}
       {:db/ident :artist/sortName :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/index true}
       {:db/ident :artist/type :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
       {:db/ident :artist/startYear :db/valueType :db.type/long :db/cardinality :db.cardinality/one :db/index true}
       {:db/ident :artist/influence :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
       {:db/ident :release/gid :db/valueType :db.type/uuid :db/cardinality :db.cardinality/one :db/unique :db.unique/identity}
       {:db/ident :release/name :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/index true}
       {:db/ident :release/artists :db/valueType :db.type/ref :db/cardinality :db.cardinality/many}
       {:db/ident :release/year :db/valueType :db.type/long :db/cardinality :db.cardinality/one :db/index true}
       {:db/ident :release/media :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true}
       {:db/ident :medium/position :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :medium/trackCount :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :medium/tracks :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true}
       {:db/ident :track/name :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/index true}
       {:db/ident :track/position :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :track/duration :db/valueType :db.type/long :db/cardinality :db.cardinality/one :db/index true}
       {:db/ident :track/artists :db/valueType :db.type/ref :db/cardinality :db.cardinality/many}]""";
  static final String TYPES = "[{:db/ident :artist.type/person} {:db/ident :artist.type/group}]";

  private static final int ARTISTS = 664;
  private static final int RELEASES = 1_036;
  private static final int MEDIA = 1_200;
  private static final int TRACKS = 13_234;
  private static final int ARTISTS_EACH = 1_000;
  private static final int RELEASES_EACH = 50;

  private final int artists;
  private final int releases;
  private final int media;
  private final int tracks;

  /** The data set; scale 1 has about 85,000 datoms, 12 about a million. */
  MbrainzData(double scale) {
    artists = (int) Math.max(10, ARTISTS * scale);
    releases = (int) Math.max(20, RELEASES * scale);
    media = (int) Math.max(24, MEDIA * scale);
    tracks = (int) Math.max(200, TRACKS * scale);
  }

  int artists() {
    return artists;
  }

  static UUID artistGid(int i) {
    return new UUID(1, i);
  }

  static String artistName(int i) {
    return "Artist " + i;
  }

  /** A name that several tracks have. */
  String trackName(int i) {
    return "Track " + i % Math.max(1, tracks / 4);
  }

  static String releaseName(int i) {
    return "Release " + i;
  }

  int releases() {
    return releases;
  }

  int tracks() {
    return tracks;
  }

  /** Gives the transactions after the schema, in Datomic's forms. */
  void forEachTransaction(Consumer<List<Object>> action) {
    Random random = new Random(42);
    List<Object> forms = new ArrayList<>();
    for (int i = 0; i < artists; i++) {
      forms.add(artist(i, random));
      if (forms.size() == ARTISTS_EACH) {
        flush(forms, action);
      }
    }
    flush(forms, action);
    int medium = 0;
    int track = 0;
    for (int i = 0; i < releases; i++) {
      int mediaHere = media * (i + 1) / releases - media * i / releases;
      List<Object> nested = new ArrayList<>();
      for (int m = 0; m < mediaHere; m++) {
        int until = (int) ((long) tracks * (medium + 1) / media);
        nested.add(medium(m, track, until, random));
        track = until;
        medium++;
      }
      forms.add(release(i, nested, random));
      if (forms.size() == RELEASES_EACH) {
        flush(forms, action);
      }
    }
    flush(forms, action);
  }

  private static void flush(List<Object> forms, Consumer<List<Object>> action) {
    if (!forms.isEmpty()) {
      action.accept(List.copyOf(forms));
      forms.clear();
    }
  }

  private Map<?, ?> artist(int i, Random random) {
    Map<Object, Object> artist = new HashMap<>();
    artist.put(keyword(":db/id"), "a" + i);
    artist.put(keyword(":artist/gid"), artistGid(i));
    artist.put(keyword(":artist/name"), artistName(i));
    artist.put(keyword(":artist/sortName"), "sort " + i);
    artist.put(keyword(":artist/startYear"), 1900L + random.nextInt(100));
    artist.put(keyword(":artist/type"), keyword(i % 3 == 0 ? ":artist.type/group" : ":artist.type/person"));
    if (i > 0) {
      // A tree of depth log n. A lookup ref cannot name an entity of the same transaction.
      int by = (i - 1) / 2;
      artist.put(keyword(":artist/influence"), by / ARTISTS_EACH == i / ARTISTS_EACH
          ? "a" + by : Util.list(keyword(":artist/gid"), artistGid(by)));
    }
    return artist;
  }

  private Object release(int i, List<Object> nested, Random random) {
    return Util.map(
        keyword(":release/gid"), new UUID(2, i), keyword(":release/name"), releaseName(i),
        keyword(":release/year"), 1950L + random.nextInt(70), keyword(":release/media"), nested,
        keyword(":release/artists"), Collections.singletonList(anyArtist(random)));
  }

  private Object medium(int position, int from, int until, Random random) {
    List<Object> nested = new ArrayList<>();
    Object artist = anyArtist(random);
    for (int i = from; i < until; i++) {
      nested.add(Util.map(
          keyword(":track/name"), trackName(random.nextInt(tracks)), keyword(":track/position"), (long) (i - from + 1),
          keyword(":track/duration"), 60_000L + random.nextInt(400_000),
          keyword(":track/artists"), Collections.singletonList(random.nextInt(20) == 0 ? anyArtist(random) : artist)));
    }
    return Util.map(keyword(":medium/position"), (long) position + 1, keyword(":medium/trackCount"),
        (long) (until - from), keyword(":medium/tracks"), nested);
  }

  private Object anyArtist(Random random) {
    return Util.list(keyword(":artist/gid"), artistGid(random.nextInt(artists)));
  }

  private static Object keyword(String text) {
    return Util.read(text);
  }
}
