package dev.rebasis.simulations.workload;

import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
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
   * @param schema EDN text: a vector of map forms that install attributes, as a server takes it
   * @throws RebasisException if it cannot be read, or has no attribute that could be written
   */
  public static Workload onSchema(String schema) {
    Object forms = Edn.read(schema);
    if (!(forms instanceof List<?> list)) {
      throw new RebasisException(Keyword.of(":rebasis.error/wrong-schema"), ErrorCategory.FIX_REQUEST,
          "A schema is a vector of forms, such as [{:db/ident :a/b :db/valueType :db.type/long ...}].");
    }
    return new FreeForm("schema", "any operations on a given schema", list);
  }
}
