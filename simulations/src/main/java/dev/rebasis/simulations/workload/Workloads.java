package dev.rebasis.simulations.workload;

import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The workloads there are. Thread-safe. */
public final class Workloads {
  private static final List<Workload> ALL = List.of(
      FreeForm.own(), FreeForm.policies(), new Bank(), new Counters(), new Sets(), new Texts(), new Trees(), new UniqueNames(),
      new Approvals(), new Regions(), new OwnRules());

  private Workloads() {}

  /** All of them, each with a schema of its own. */
  public static List<Workload> all() {
    return ALL;
  }

  /**
   * The workload of a name.
   *
   * @throws RebasisException if there is none
   */
  public static Workload named(String name) {
    return ALL.stream().filter(workload -> workload.name().equals(name)).findAny().orElseThrow(
        () -> new RebasisException(Keyword.of(":rebasis.error/unknown-workload"), ErrorCategory.FIX_REQUEST,
            "There is no workload '" + name + "'. There are: "
                + ALL.stream().map(Workload::name).collect(Collectors.joining(", ")) + "."));
  }

  /**
   * A workload that a file describes.
   *
   * @param text EDN text, as docs/simulations.md explains
   * @throws RebasisException if it cannot be used
   */
  public static Workload scripted(String text) {
    return new Scripted(text);
  }

  /**
   * Any operations on a schema.
   *
   * @param schema EDN text: one or more vectors of forms that install attributes, as a server takes them
   * @throws RebasisException if it cannot be read, or has no attribute that could be written
   */
  public static Workload onSchema(String schema) {
    List<List<?>> vectors = new ArrayList<>();
    for (Object form : Edn.readAll(schema)) {
      if (!(form instanceof List<?> vector)) {
        throw new RebasisException(Keyword.of(":rebasis.error/wrong-schema"), ErrorCategory.FIX_REQUEST,
            "A schema is one or more vectors of forms, such as [{:db/ident :a/b :db/valueType :db.type/long ...}].");
      }
      vectors.add(vector);
    }
    return new GivenSchema(vectors);
  }
}
