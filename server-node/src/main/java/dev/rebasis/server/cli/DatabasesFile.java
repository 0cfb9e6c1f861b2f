package dev.rebasis.server.cli;

import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.server.DatabaseSettings;
import dev.rebasis.server.RebasisServer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What {@code --databases} names: a map with a section for each database. Paths in it are relative to the working directory,
 * like those of the options. Immutable.
 */
final class DatabasesFile {
  private static final Keyword DATA = Keyword.of(":data");
  private static final Keyword DATOMIC = Keyword.of(":datomic");
  private static final Keyword SCHEMA = Keyword.of(":schema");
  private static final Keyword FUNCTIONS = Keyword.of(":functions");
  private static final Keyword ACCESS = Keyword.of(":access");
  private static final Keyword ALLOW_POLICY = Keyword.of(":allow-policy");
  private static final Set<Keyword> KEYS = Set.of(DATA, DATOMIC, SCHEMA, FUNCTIONS, ACCESS, ALLOW_POLICY);

  private final Path file;
  private final Map<String, Map<?, ?>> sections = new LinkedHashMap<>();

  private DatabasesFile(Path file) {
    this.file = file;
  }

  /**
   * Reads the text of the file.
   *
   * @throws RebasisException {@code :rebasis.error/wrong-setting} if it is not such a map
   */
  static DatabasesFile parse(Path file, String edn) {
    DatabasesFile read = new DatabasesFile(file);
    Object whole;
    try {
      whole = Edn.read(edn);
    } catch (RebasisException e) {
      throw read.wrong("it is not EDN: " + e.getMessage());
    }
    if (!(whole instanceof Map<?, ?> map) || map.isEmpty()) {
      throw read.wrong("it is not a map of names to maps, such as {\"orders\" {:data \"orders-data\"}}");
    }
    map.forEach((name, section) -> {
      if (!(name instanceof String text) || !(section instanceof Map<?, ?> settings)) {
        throw read.wrong("it is not a map of names to maps, such as {\"orders\" {:data \"orders-data\"}}");
      }
      for (Object key : settings.keySet()) {
        if (!(key instanceof Keyword known) || !KEYS.contains(known)) {
          throw read.wrong("the database " + name + " has " + key + ", and known are " + KEYS.stream().sorted().toList());
        }
      }
      read.sections.put(text, settings);
    });
    return read;
  }

  /** Sets all of them; returns where each is. */
  Map<String, String> apply(RebasisServer.Builder builder) {
    Map<String, String> places = new LinkedHashMap<>();
    sections.forEach((name, section) -> {
      builder.database(name, settings -> set(name, section, settings));
      places.put(name, section.containsKey(DATOMIC) ? "in Datomic"
          : section.containsKey(DATA) ? "data in " + section.get(DATA) : "in memory");
    });
    return places;
  }

  /** The files of access rules, by database; those that have none are not in it. */
  Map<String, Path> accessFiles() {
    Map<String, Path> files = new LinkedHashMap<>();
    sections.forEach((name, section) -> {
      if (section.get(ACCESS) != null) {
        files.put(name, Path.of(text(name, ACCESS, section.get(ACCESS))));
      }
    });
    return files;
  }

  private void set(String name, Map<?, ?> section, DatabaseSettings settings) {
    if (section.containsKey(DATA) == section.containsKey(DATOMIC)) {
      throw wrong("the database " + name + " needs either :data, a folder, or :datomic, a URI");
    }
    if (section.containsKey(DATA)) {
      settings.data(Path.of(text(name, DATA, section.get(DATA))));
    } else {
      settings.datomic(text(name, DATOMIC, section.get(DATOMIC)));
    }
    for (Object schema : list(name, section, SCHEMA)) {
      String path = text(name, SCHEMA, schema);
      settings.schema(path, ServeCommand.read(Path.of(path), "databases"));
    }
    for (Object functions : list(name, section, FUNCTIONS)) {
      String path = text(name, FUNCTIONS, functions);
      settings.databaseFunctions(path, ServeCommand.read(Path.of(path), "databases"));
    }
    if (section.get(ACCESS) != null) {
      Path rules = Path.of(text(name, ACCESS, section.get(ACCESS)));
      settings.access(AccessOptions.rules(rules, ServeCommand.read(rules, "databases")));
    }
    if (section.containsKey(ALLOW_POLICY)) {
      settings.allowPolicies(list(name, section, ALLOW_POLICY).stream().map(policy -> {
        if (policy instanceof Keyword keyword) {
          return keyword;
        }
        throw wrong(":allow-policy of the database " + name + " holds " + policy + ", which is no keyword");
      }).collect(Collectors.toSet()));
    }
  }

  private List<?> list(String name, Map<?, ?> section, Keyword key) {
    Object value = section.get(key);
    if (value == null || value instanceof List<?>) {
      return value == null ? List.of() : (List<?>) value;
    }
    throw wrong(key + " of the database " + name + " is not a vector");
  }

  private String text(String name, Keyword key, Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw wrong(key + " of the database " + name + " is " + value + ", where a text should stand");
  }

  private RebasisException wrong(String why) {
    return new RebasisException(Keyword.of(":rebasis.error/wrong-setting"), ErrorCategory.FIX_REQUEST,
        "The file " + file + " of --databases cannot be used: " + why + ".");
  }
}
