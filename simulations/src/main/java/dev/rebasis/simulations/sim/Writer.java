package dev.rebasis.simulations.sim;

import dev.rebasis.client.Database;
import dev.rebasis.client.Pending;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.TransactionOptions;
import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import dev.rebasis.error.TransactionException;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.simulations.check.Promise;
import dev.rebasis.simulations.world.ClientNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;

/** Carries out the writes of a plan, by clients and by a program beside the server. Confined. */
final class Writer {
  private static final String SCHEMA = "schema";
  /** The server refused before it did anything. */
  private static final Keyword CLOCK_BEHIND = Keyword.of(":rebasis.error/clock-behind");

  private record Made(String node, Pending pending, Map<String, Long> tempids) {}

  private final Stage stage;
  private final Recorder recorder;
  private final Revisits revisits;
  private final Map<Integer, Made> made = new HashMap<>();

  Writer(Stage stage, Recorder recorder) {
    this.stage = stage;
    this.recorder = recorder;
    this.revisits = new Revisits(stage, recorder);
  }

  /** A client's store was replaced by another one: what its programs knew of entities without a server's id is void. */
  void forget(String node) {
    made.values().removeIf(each -> each.node.equals(node));
  }

  void write(Step step) {
    String text = "write " + step.label() + " " + step.kind();
    if (!stage.isRunning(step.node())) {
      stage.tell(step.node(), text + ": it is down");
      return;
    }
    if (Revisits.is(step.kind())) {
      revisits.act(step);
      stage.buryFailed();
      return;
    }
    String argument = resolved(step);
    if (argument == null) {
      stage.tell(step.node(), text + ": what it refers to was not made");
    } else if (step.isServer()) {
      byServer(step, argument, text);
    } else {
      byClient(step, argument, text);
    }
    stage.buryFailed();
  }

  /** The argument with entity ids for references; null if one cannot be had. */
  private String resolved(Step step) {
    Matcher matcher = Step.REFERENCE.matcher(step.operation());
    StringBuilder text = new StringBuilder();
    while (matcher.find()) {
      Made maker = made.get(Integer.valueOf(matcher.group(1)));
      if (maker == null || !maker.node.equals(step.node())) {
        return null;
      }
      long id = maker.pending == null ? maker.tempids.get(matcher.group(2)) : maker.pending.resolve(matcher.group(2));
      matcher.appendReplacement(text, Long.toString(id));
    }
    return matcher.appendTail(text).toString();
  }

  private void byClient(Step step, String argument, String text) {
    ClientNode node = stage.world.client(step.node());
    Object forms = null;
    try {
      forms = forms(step, argument, node.client().db());
      if (forms == null) {
        stage.tell(step.node(), text + ": nothing to write");
        stage.tally.attempts().failed(step.kind(), "nothing to write");
        return;
      }
      stage.tell(step.node(), text + " " + forms);
      List<Pending> all = transact(step, argument, node.client(), forms);
      all.forEach(pending -> recorder.label(pending.id(), step.label()));
      made.put(step.label(), new Made(step.node(), all.get(0), Map.of()));
      if (node.isRunning()) {
        all.forEach(pending ->
            stage.witness.made(node, step, pending, stage.faults.activeAt(step.node())));
        stage.witness.bindings.together(all);
      } else {
        // It died after it had answered, by a trap on its first message.
        neverReturned(step, forms);
      }
    } catch (TransactionException e) {
      refused(step, text, e);
      if (!stage.isForked() && stage.world.server().isRunning() && !step.kind().equals(SCHEMA)
          && !stage.workload.isTogether(step.kind())) {
        askDatomic(step, node, forms, e);
      }
    } catch (RebasisException e) {
      stage.tell(step.node(), text + ": fails, " + e.code());
      neverReturned(step, forms);
      if (node.isRunning()) {
        stage.excuse(step.node(), e);
        stage.crash(step.node());
      }
    }
  }

  private void askDatomic(Step step, ClientNode node, Object forms, TransactionException refusal) {
    RefusalCheck.Answer answer = RefusalCheck.ask(node, stage.world.server().master(), forms, refusal);
    stage.tally.refusal(answer);
    if (answer == RefusalCheck.Answer.TAKES) {
      stage.witness.report(Promise.SOUNDNESS, step.node() + " refuses write " + step.label() + " with " + refusal.code()
          + ", and Datomic takes it: " + forms);
    }
  }

  private void refused(Step step, String text, TransactionException error) {
    stage.tell(step.node(), text + ": refused, " + error.code());
    stage.tally.attempts().failed(step.kind(), "refused " + error.code());
  }

  private List<Pending> transact(Step step, String argument, SyncClient client, Object forms) {
    if (step.kind().equals(SCHEMA)) {
      return List.of(client.transact(forms));
    }
    TransactionOptions options = stage.workload.options(step.kind(), argument, stage.world.now());
    return stage.workload.isTogether(step.kind()) ? client.transactTogether((List<?>) forms, options)
        : List.of(client.transact(forms, options));
  }

  /** Somebody died in it: it may be there or not, wholly. */
  private void neverReturned(Step step, Object forms) {
    if (forms == null) {
      stage.witness.neverReturned(step, 0);
    } else if (!step.kind().equals(SCHEMA) && stage.workload.isTogether(step.kind())) {
      stage.witness.neverReturned(step, 1, ((List<?>) forms).size());
    } else {
      stage.witness.neverReturned(step, ((List<?>) (forms instanceof String edn ? Edn.read(edn) : forms)).size());
    }
  }

  private void byServer(Step step, String argument, String text) {
    try {
      Object forms = forms(step, argument, null);
      if (forms == null || !step.kind().equals(SCHEMA) && stage.workload.isTogether(step.kind())) {
        // Binding transactions together is something that clients do.
        return;
      }
      stage.tell(step.node(), text + " " + forms);
      List<?> data = forms instanceof String edn ? (List<?>) Edn.read(edn) : (List<?>) forms;
      Master.Transacted done = stage.world.server().transact(data);
      made.put(step.label(), new Made(step.node(), null, done.tempids()));
      stage.witness.madeByServer(done.transaction().t(), step);
    } catch (TransactionException e) {
      refused(step, text, e);
    } catch (RebasisException e) {
      stage.tell(step.node(), text + ": fails, " + e.code());
      if (!e.code().equals(CLOCK_BEHIND)) {
        // It may have been committed all the same: whoever asked was not told.
        stage.witness.neverReturned(step, 0);
      }
      stage.excuse(step.node(), e);
    }
  }

  /** What a program beside the server would read comes from any client that has it; without one it cannot write. */
  private Object forms(Step step, String argument, Database seen) {
    if (step.kind().equals(SCHEMA)) {
      return argument;
    }
    if (seen != null) {
      return stage.workload.forms(step.kind(), argument, seen);
    }
    if (stage.world.server().master().database().asOfT() != null) {
      // Something is decided and waits for a slow disk. What nobody can read yet, a program beside the server would overwrite.
      return null;
    }
    for (ClientNode client : stage.world.clients()) {
      if (client.isRunning() && client.client().confirmed().basisT() == stage.world.server().master().forcedT()) {
        return stage.workload.forms(step.kind(), argument, client.client().confirmed());
      }
    }
    return null;
  }
}
