package dev.rebasis.client.conform;

import dev.rebasis.client.conform.Attr.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Makes the begin of a random query: columns, aggregates, pulls, the shape of the answer, {@code :with}. */
final class Finds {
  static final List<Kind> NUMBERS = List.of(Kind.LONG, Kind.DOUBLE, Kind.BIG, Kind.DECIMAL, Kind.FLOAT);
  private static final List<Kind> SORTED = List.of(
      Kind.LONG, Kind.DOUBLE, Kind.BIG, Kind.DECIMAL, Kind.FLOAT, Kind.STRING, Kind.INSTANT, Kind.KEYWORD, Kind.BOOLEAN, Kind.UUID);
  private static final List<Kind> BYTES = List.of(Kind.BYTES);

  private final Queries query;
  private final Random random;
  private final List<String> columns = new ArrayList<>();
  private boolean byIds;

  Finds(Queries query, Random random) {
    this.query = query;
    this.random = random;
  }

  /** What stands between {@code :find} and {@code :in}. */
  String make(boolean grouping) {
    for (String variable : query.bound()) {
      if (query.chance(60)) {
        columns.add(variable);
      }
    }
    if (columns.isEmpty()) {
      columns.add(query.any(query.bound()));
    }
    String with = "";
    if (grouping) {
      with = group();
    } else if (query.isOf(last(), List.of(Kind.ENTITY)) && !query.isInput(last()) && query.chance(25)) {
      pull();
    }
    boolean plain = with.isEmpty() && columns.size() == 1;
    String shape = query.any(plain ? List.of("%s", "%s", "[%s ...]", "%s .", "[%s]") : List.of("%s", "%s", "%s", "%s", "[%s]"));
    boolean byChance = columns.stream().anyMatch(column -> column.startsWith("(rand") || column.startsWith("(sample"));
    if (shape.equals("%s") && with.isEmpty() && !byChance && query.chance(10)) {
      List<String> labels = columns.stream().map(column -> "n" + columns.indexOf(column)).toList();
      with = " " + query.any(List.of(":keys ", ":strs ", ":syms ")) + String.join(" ", labels);
    }
    return shape.formatted(String.join(" ", columns)) + with;
  }

  /** Whether the answer depends on the order of ids. */
  boolean isByIds() {
    return byIds;
  }

  private String last() {
    return columns.get(columns.size() - 1);
  }

  /** Makes aggregates of one or two columns. Few are left, so that groups have rows; the last is a number if there is one. */
  private String group() {
    while (columns.size() > 2) {
      columns.remove(random.nextInt(columns.size()));
    }
    List<String> numbers = query.bound().stream()
        .filter(variable -> query.isOf(variable, NUMBERS) && !columns.contains(variable)).toList();
    if (!numbers.isEmpty() && query.chance(70)) {
      columns.set(columns.size() - 1, query.any(numbers));
    }
    // Datomic takes equal bytes for different values, and so counts them.
    if (query.isOf(last(), BYTES)) {
      return "";
    }
    columns.set(columns.size() - 1, aggregate(last()));
    if (columns.size() > 1 && query.chance(30) && !query.isOf(columns.get(0), BYTES)) {
      columns.set(0, aggregate(columns.get(0)));
    }
    List<String> others = query.bound().stream()
        .filter(variable -> columns.stream().noneMatch(column -> column.contains(variable))).toList();
    return others.isEmpty() || query.chance(50) ? "" : " :with " + query.any(others);
  }

  private String aggregate(String variable) {
    List<String> aggregates = new ArrayList<>(List.of("count", "count-distinct", "distinct", "sample 2", "rand 2", "rand",
        "conform.own/weighed 3", "conform.own/size"));
    if (query.isOf(variable, NUMBERS)) {
      aggregates.addAll(List.of("sum", "avg", "variance", "stddev", "sum", "avg", "variance", "stddev", "conform.own/spread"));
      if (!query.isOf(variable, List.of(Kind.BIG))) {
        aggregates.addAll(List.of("median", "median")); // Datomic cannot compare its own big integers there
      }
    }
    boolean sorted = query.isOf(variable, SORTED);
    if (query.isOrdered() || sorted) {
      aggregates.addAll(List.of("min", "max", "min 2", "max 3"));
    }
    String aggregate = query.any(aggregates);
    byIds |= !sorted && aggregate.startsWith("m");
    return "(" + aggregate + " " + variable + ")";
  }

  private void pull() {
    String pattern = query.chance(60) ? query.pullPattern()
        : query.chance(50) ? "[:d/key :d/s {:d/_r [:d/key]}]" : "[:d/key (:d/l :xform conform.own/twice) {:d/rm [:d/key]}]";
    boolean given = query.chance(30);
    if (given) {
      query.addInput("pattern", pattern);
    }
    columns.set(columns.size() - 1, "(pull " + (query.chance(15) ? query.otherSource() + " " : "") + last() + " "
        + (given ? "pattern" : pattern) + ")");
  }
}
