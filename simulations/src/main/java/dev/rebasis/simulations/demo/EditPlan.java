package dev.rebasis.simulations.demo;

import dev.rebasis.simulations.demo.DemoData.City;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** The edits of both clients, drawn from one seed: the same seed gives the same edits. */
final class EditPlan {
  private static final long OWN_CITIES_FROM = 9_000_000_000L;
  private static final Edit.Kind[] SHARED_KINDS = {
    Edit.Kind.POPULATION, Edit.Kind.NAME, Edit.Kind.POPULATION, Edit.Kind.COMPARE_AND_SWAP
  };
  private static final Edit.Kind[] OWN_KINDS = {
    Edit.Kind.POPULATION, Edit.Kind.TAG, Edit.Kind.NAME, Edit.Kind.NEW_CITY, Edit.Kind.NOTE,
    Edit.Kind.COMPARE_AND_SWAP, Edit.Kind.NEW_CITY, Edit.Kind.DELETE_OWN
  };

  private final List<Edit> first;
  private final List<Edit> second;

  private EditPlan(List<Edit> first, List<Edit> second) {
    this.first = first;
    this.second = second;
  }

  /**
   * Draws a plan.
   *
   * @param seed which
   * @param cities enough for every edit to have its own
   * @param edits for each client
   * @param overlap how many edits of each client touch the same fact as one of the other's
   */
  static EditPlan of(long seed, List<City> cities, int edits, int overlap) {
    Random random = new Random(seed);
    List<City> shuffled = new ArrayList<>(cities);
    Collections.shuffle(shuffled, random);
    List<Edit> first = new ArrayList<>();
    List<Edit> second = new ArrayList<>();
    for (int i = 0; i < overlap; i++) {
      Edit.Kind kind = SHARED_KINDS[i % SHARED_KINDS.length];
      City city = shuffled.get(i);
      first.add(edit(kind, city, "one", true));
      second.add(edit(kind, city, "two", true));
    }
    List<City> rest = shuffled.subList(overlap, shuffled.size());
    addOwn(first, "one", edits - overlap, rest.subList(0, rest.size() / 2), OWN_CITIES_FROM);
    addOwn(second, "two", edits - overlap, rest.subList(rest.size() / 2, rest.size()), OWN_CITIES_FROM * 2);
    shuffleKeepingPairs(first, random);
    shuffleKeepingPairs(second, random);
    return new EditPlan(first, second);
  }

  /** The most edits per client that the cities allow. */
  static int editsMax(List<City> cities) {
    return cities.size() / 3;
  }

  private static void addOwn(List<Edit> edits, String client, int count, List<City> cities, long ownFrom) {
    long own = ownFrom;
    for (int i = 0; i < count; i++) {
      Edit.Kind kind = OWN_KINDS[i % OWN_KINDS.length];
      if (kind == Edit.Kind.NEW_CITY) {
        own++;
        edits.add(newCity(own, client));
      } else if (kind == Edit.Kind.DELETE_OWN) {
        edits.add(new Edit(kind, own, false, "[[:db/retractEntity [:city/geonames " + own + "]]]", ""));
      } else {
        edits.add(edit(kind, cities.get(i), client, false));
      }
    }
  }

  // A deletion must stay behind the edit that made its city, so every deletion moves right behind it.
  private static void shuffleKeepingPairs(List<Edit> edits, Random random) {
    List<List<Edit>> groups = new ArrayList<>();
    for (Edit edit : edits) {
      if (edit.kind() == Edit.Kind.DELETE_OWN) {
        groups.get(groups.size() - 1).add(edit);
      } else {
        groups.add(new ArrayList<>(List.of(edit)));
      }
    }
    Collections.shuffle(groups, random);
    edits.clear();
    groups.forEach(edits::addAll);
  }

  private static Edit edit(Edit.Kind kind, City city, String client, boolean shared) {
    String entity = "[:city/geonames " + city.geonames() + "]";
    long delta = client.equals("one") ? 1_001 : 2_002;
    long population = city.population() + delta;
    return switch (kind) {
      case POPULATION -> new Edit(kind, city.geonames(), shared,
          "[{:city/geonames " + city.geonames() + " :city/population " + population + "}]", "" + population);
      case NAME -> {
        String name = city.name() + " (" + client + ")";
        yield new Edit(kind, city.geonames(), shared,
            "[[:db/add " + entity + " :city/name " + quoted(name) + "]]", name);
      }
      case COMPARE_AND_SWAP -> new Edit(kind, city.geonames(), shared,
          "[[:db/cas " + entity + " :city/population " + city.population() + " " + population + "]]", "" + population);
      case TAG -> new Edit(kind, city.geonames(), shared,
          "[[:db/add " + entity + " :city/tag :seen-by/" + client + "]]", ":seen-by/" + client);
      case NOTE -> new Edit(kind, city.geonames(), shared,
          "[{:city/geonames " + city.geonames() + " :city/note [{:note/text " + quoted("Visited by " + client) + "}]}]",
          "Visited by " + client);
      case NEW_CITY, DELETE_OWN -> throw new IllegalArgumentException("made elsewhere: " + kind);
    };
  }

  private static Edit newCity(long geonames, String client) {
    String name = "Camp " + geonames % OWN_CITIES_FROM + " of " + client;
    return new Edit(Edit.Kind.NEW_CITY, geonames, false,
        "[{:db/id \"city\" :city/geonames " + geonames + " :city/name " + quoted(name) + " :city/population 1"
            + " :city/country [:country/code \"CH\"]}"
            + " [:db/add \"city\" :city/tag :camp]]", "");
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  List<Edit> first() {
    return first;
  }

  List<Edit> second() {
    return second;
  }

  /** How many pairs of edits meet in a value that the last writer wins. */
  long lastWriterPairs() {
    return first.stream().filter(e -> e.shared() && e.kind() != Edit.Kind.COMPARE_AND_SWAP).count();
  }

  /** How many pairs of edits meet in a compare-and-swap, of which one must fail. */
  long compareAndSwapPairs() {
    return first.stream().filter(e -> e.shared() && e.kind() == Edit.Kind.COMPARE_AND_SWAP).count();
  }
}
