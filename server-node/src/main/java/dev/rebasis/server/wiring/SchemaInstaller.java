package dev.rebasis.server.wiring;

import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.server.DatabaseConfig;
import dev.rebasis.server.internal.master.Master;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Installs schema texts at the start. All transactions of all texts are tried first, so that a fault in the last one
 * leaves the database without any of them, and the next try starts from the same place. Confined to the starting thread.
 */
final class SchemaInstaller {
  private static final Logger LOG = LoggerFactory.getLogger(SchemaInstaller.class);
  private static final Keyword SCHEMA = Keyword.of(":rebasis.error/schema");

  /** One transaction of a text, counted from 1. */
  private record Step(DatabaseConfig.SchemaText schema, int number, List<?> forms) {}

  private final Master master;
  private final Executor core;

  SchemaInstaller(Master master, Executor core) {
    this.master = master;
    this.core = core;
  }

  /**
   * Installs what is new.
   *
   * @throws RebasisException {@code :rebasis.error/schema} with file and number of the transaction; nothing of any text
   *     was committed then
   */
  void install(List<DatabaseConfig.SchemaText> schemas) {
    List<Step> steps = new ArrayList<>();
    schemas.forEach(schema -> read(schema, steps));
    if (steps.isEmpty()) {
      return;
    }
    Master.Rehearsal rehearsal = rehearse(steps.stream().<List<?>>map(Step::forms).toList());
    if (rehearsal.fault() != null) {
      throw fault(steps.get(rehearsal.possible()), rehearsal.fault().getMessage(), rehearsal.fault());
    }
    steps.forEach(this::commit);
  }

  private static void read(DatabaseConfig.SchemaText schema, List<Step> steps) {
    List<Object> all;
    try {
      all = Edn.readAll(schema.edn());
    } catch (RebasisException e) {
      throw new RebasisException(SCHEMA, ErrorCategory.FIX_REQUEST,
          "The schema " + schema.name() + " is not EDN: " + e.getMessage(), e.data(), e);
    }
    int number = 0;
    for (Object forms : all) {
      number++;
      if (!(forms instanceof List<?> list)) {
        throw fault(new Step(schema, number, List.of()), "it is not a vector of forms: " + Edn.write(forms), null);
      }
      steps.add(new Step(schema, number, list));
    }
  }

  private Master.Rehearsal rehearse(List<List<?>> transactions) {
    CompletableFuture<Master.Rehearsal> result = new CompletableFuture<>();
    core.execute(() -> master.rehearse(transactions, completing(result)));
    return result.join();
  }

  private void commit(Step step) {
    CompletableFuture<Boolean> result = new CompletableFuture<>();
    core.execute(() -> master.transactIfNew(step.forms(), completing(result)));
    try {
      if (result.join()) {
        LOG.info("Installed transaction {} of {}.", step.number(), step.schema().name());
      }
    } catch (CompletionException e) {
      throw fault(step, e.getCause().getMessage(), e.getCause());
    }
  }

  private static RebasisException fault(Step step, String why, Throwable cause) {
    return new RebasisException(SCHEMA, ErrorCategory.FIX_REQUEST, "Transaction " + step.number() + " of the schema "
        + step.schema().name() + " cannot be installed: " + why, Map.of(), cause);
  }

  /** Completes a future with what the master answers. */
  static <T> Master.Answer<T> completing(CompletableFuture<T> result) {
    return new Master.Answer<>() {
      @Override
      public void done(T value) {
        result.complete(value);
      }

      @Override
      public void refused(RebasisException reason) {
        result.completeExceptionally(reason);
      }
    };
  }
}
