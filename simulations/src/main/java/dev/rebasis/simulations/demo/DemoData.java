package dev.rebasis.simulations.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The demo's facts: the cities of GeoNames with 100,000 inhabitants or more, and their countries. */
final class DemoData {
  /** The demo's schema as EDN. */
  static final String SCHEMA = """
      [{:db/ident :country/code :db/valueType :db.type/string :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :country/name :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :country/continent :db/valueType :db.type/string :db/cardinality :db.cardinality/one}
       {:db/ident :city/geonames :db/valueType :db.type/long :db/cardinality :db.cardinality/one
        :db/unique :db.unique/identity}
       {:db/ident :city/name :db/valueType :db.type/string :db/cardinality :db.cardinality/one :db/index true}
       {:db/ident :city/population :db/valueType :db.type/long :db/cardinality :db.cardinality/one}
       {:db/ident :city/latitude :db/valueType :db.type/double :db/cardinality :db.cardinality/one}
       {:db/ident :city/longitude :db/valueType :db.type/double :db/cardinality :db.cardinality/one}
       {:db/ident :city/country :db/valueType :db.type/ref :db/cardinality :db.cardinality/one}
       {:db/ident :city/tag :db/valueType :db.type/keyword :db/cardinality :db.cardinality/many}
       {:db/ident :city/note :db/valueType :db.type/ref :db/cardinality :db.cardinality/many :db/isComponent true}
       {:db/ident :note/text :db/valueType :db.type/string :db/cardinality :db.cardinality/one}]
      """;

  /** A city as the file tells it. */
  record City(long geonames, String name, String country, long population, double latitude, double longitude) {
    Map<Object, Object> form() {
      Map<Object, Object> form = new LinkedHashMap<>();
      form.put(":city/geonames", geonames);
      form.put(":city/name", name);
      form.put(":city/population", population);
      form.put(":city/latitude", latitude);
      form.put(":city/longitude", longitude);
      form.put(":city/country", List.of(":country/code", country));
      return form;
    }
  }

  private DemoData() {}

  static List<City> cities() {
    List<City> cities = new ArrayList<>();
    for (String[] row : rows("cities.tsv")) {
      cities.add(new City(Long.parseLong(row[0]), row[1], row[2], Long.parseLong(row[3]),
          Double.parseDouble(row[4]), Double.parseDouble(row[5])));
    }
    return cities;
  }

  /** One form per country. */
  static List<Object> countryForms() {
    List<Object> forms = new ArrayList<>();
    for (String[] row : rows("countries.tsv")) {
      forms.add(Map.of(":country/code", row[0], ":country/name", row[1], ":country/continent", row[2]));
    }
    return forms;
  }

  private static List<String[]> rows(String file) {
    try (InputStream in = DemoData.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException("The demo's file " + file + " is not on the class path; build again.");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().skip(1)
          .map(line -> line.split("\t", -1)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the demo's file " + file, e);
    }
  }
}
