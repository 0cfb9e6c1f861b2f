package dev.rebasis.simulations.workload;

import dev.rebasis.client.Database;
import dev.rebasis.client.Scope;
import dev.rebasis.client.TransactionOptions;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.RebasisException;
import dev.rebasis.simulations.world.Registered;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * A workload whose errors are told apart from those of the programs that carry it out: what it throws becomes a
 * {@link WorkloadFailed}. As thread-safe as the workload.
 */
public final class GuardedWorkload implements Workload {
  /** What a program says as its disk fails or it is closed, whoever reads at that moment. */
  private static final Set<String> OF_PROGRAMS = Set.of("disk-full", "client-closed", "database-expired", "internal");

  private final Workload workload;

  /** Guards a workload. */
  public GuardedWorkload(Workload workload) {
    this.workload = workload;
  }

  /**
   * What an invariant finds, empty if it holds.
   *
   * @throws WorkloadFailed if it cannot be asked of this database
   */
  public static Collection<?> ask(Invariant invariant, Database database) {
    return guarded(() -> "the invariant '" + invariant.name() + "' at T " + database.basisT(),
        () -> (Collection<?>) database.q(invariant.query()));
  }

  private static <T> T guarded(Supplier<String> what, Supplier<T> call) {
    try {
      return call.get();
    } catch (RebasisException e) {
      String code = e.code().name();
      if (OF_PROGRAMS.contains(code) || code.startsWith("store-") || code.startsWith("log-")) {
        throw e;
      }
      throw new WorkloadFailed(what.get(), e);
    } catch (RuntimeException | AssertionError | LinkageError | StackOverflowError e) {
      throw new WorkloadFailed(what.get(), e);
    }
  }

  @Override
  public Object forms(String kind, String argument, Database db) {
    try {
      return guarded(() -> "the operation '" + kind + "' with " + argument, () -> workload.forms(kind, argument, db));
    } catch (WorkloadFailed e) {
      if (knowsTheSchema(db)) {
        throw e;
      }
      // A new client that has not heard of anything yet: its program has nothing to write.
      return null;
    }
  }

  /** Whoever has not heard of the schema yet cannot be asked in its words. */
  private boolean knowsTheSchema(Database db) {
    return workload.schema().stream().allMatch(form -> !(form instanceof Map<?, ?> map)
        || !map.containsKey(Keyword.of(":db/valueType")) || db.attribute(map.get(Keyword.of(":db/ident"))) != null);
  }

  @Override
  public TransactionOptions options(String kind, String argument) {
    return guarded(() -> "the operation '" + kind + "', asked for its options,", () -> workload.options(kind, argument));
  }

  @Override
  public List<String> wrong(Database db) {
    return guarded(() -> "the workload, asked what is wrong at T " + db.basisT() + ",",
        () -> knowsTheSchema(db) ? workload.wrong(db) : List.of());
  }

  @Override
  public Duration patience(String kind, String argument) {
    return guarded(() -> "the operation '" + kind + "', asked for its patience,", () -> workload.patience(kind, argument));
  }

  @Override
  public boolean judgesUncertain() {
    return workload.judgesUncertain();
  }

  @Override
  public List<String> judge(List<Committed> committed, Database db) {
    return guarded(() -> "the workload's judge", () -> workload.judge(committed, db));
  }

  @Override
  public String name() {
    return workload.name();
  }

  @Override
  public String description() {
    return workload.description();
  }

  @Override
  public List<?> schema() {
    return workload.schema();
  }

  @Override
  public List<List<?>> installation() {
    return workload.installation();
  }

  @Override
  public Alterable alterable(Keyword attribute) {
    return workload.alterable(attribute);
  }

  @Override
  public String beginning() {
    return workload.beginning();
  }

  @Override
  public List<String> kinds() {
    return workload.kinds();
  }

  @Override
  public String argument(String kind, RandomGenerator random, Made made) {
    return workload.argument(kind, random, made);
  }

  @Override
  public boolean isTogether(String kind) {
    return workload.isTogether(kind);
  }

  @Override
  public boolean canBeUndone() {
    return workload.canBeUndone();
  }

  @Override
  public Registered registered() {
    return workload.registered();
  }

  @Override
  public List<Scope> scopes() {
    return workload.scopes();
  }

  @Override
  public List<String> tempids(String kind) {
    return workload.tempids(kind);
  }

  @Override
  public Set<String> policies(String kind) {
    return workload.policies(kind);
  }

  @Override
  public boolean concerns(String policy, String kind, String argument) {
    return workload.concerns(policy, kind, argument);
  }

  @Override
  public List<Moment> script() {
    return workload.script();
  }

  @Override
  public List<Invariant> invariants() {
    return workload.invariants();
  }
}
