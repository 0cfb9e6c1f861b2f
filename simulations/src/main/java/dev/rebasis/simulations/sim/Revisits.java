package dev.rebasis.simulations.sim;

import dev.rebasis.client.ConflictRecord;
import dev.rebasis.client.Dependents;
import dev.rebasis.client.Pending;
import dev.rebasis.client.Retry;
import dev.rebasis.client.SyncClient;
import dev.rebasis.error.RebasisException;
import dev.rebasis.error.TransactionException;
import dev.rebasis.simulations.check.LocalWrite;
import dev.rebasis.simulations.world.ClientNode;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * What people do with transactions that they made before: take them back, make parked ones again as they were or otherwise,
 * give them up, bind some that wait together. As a write in a plan its argument is a number that chooses among those that there are then. Confined.
 */
final class Revisits {
  static final String UNDO = "undo";
  static final String RETRY = "retry";
  static final String EDIT = "edit";
  static final String DISCARD = "discard";
  static final String BIND = "bind";
  /** Those that a plan draws from one lot; {@link #BIND} is drawn apart. */
  static final List<String> DRAWN = List.of(UNDO, RETRY, EDIT, DISCARD);

  /** Those that make a transaction of which something can become. */
  static final Set<String> MAKING = Set.of(UNDO, RETRY, EDIT);

  private static final Set<String> NOT_POSSIBLE = Set.of("already-sent", "not-committed", "cannot-undo", "history-missing",
      "not-parked", "in-group", "not-pending", "cannot-bind");

  private final Stage stage;
  private final Recorder recorder;

  Revisits(Stage stage, Recorder recorder) {
    this.stage = stage;
    this.recorder = recorder;
  }

  static boolean is(String kind) {
    return DRAWN.contains(kind) || kind.equals(BIND);
  }

  void act(Step step) {
    ClientNode node = stage.world.client(step.node());
    int number = Integer.parseInt(step.operation());
    String text = "write " + step.label() + " " + step.kind();
    try {
      if (step.kind().equals(UNDO)) {
        undo(step, node, number, text);
      } else if (step.kind().equals(BIND)) {
        bind(step, node, number, text);
      } else {
        parked(step, node, number, text);
      }
    } catch (TransactionException e) {
      stage.tell(step.node(), text + ": refused, " + e.code());
    } catch (RebasisException e) {
      failed(step, node, text, e);
    }
  }

  /** Such as: it has been sent already. Else the program has failed, and what it was at may be done or not. */
  private void failed(Step step, ClientNode node, String text, RebasisException e) {
    if (NOT_POSSIBLE.contains(e.code().name())) {
      stage.tell(step.node(), text + ": not possible, " + e.code());
      return;
    }
    stage.tell(step.node(), text + ": fails, " + e.code());
    if (!step.kind().equals(BIND)) {
      stage.witness.neverReturned(step, -1);
    }
    if (node.isRunning()) {
      stage.excuse(step.node(), e);
      stage.crash(step.node());
    }
  }

  private void undo(Step step, ClientNode node, int number, String text) {
    List<LocalWrite> own = stage.witness.writes().stream()
        .filter(write -> write.client().equals(step.node()) && !write.isWithdrawn()).toList();
    if (own.isEmpty()) {
      stage.tell(step.node(), text + ": nothing was written");
      return;
    }
    LocalWrite write = own.get(number % own.size());
    stage.tell(step.node(), text + " of write " + write.label());
    // If it dies in this, nobody knows whether it is gone.
    boolean undecided = write.outcome() == null;
    Optional<Pending> inverse;
    try {
      inverse = node.client().undo(write.id());
    } catch (RebasisException e) {
      if (e.code().name().equals("not-found") && (write.isReturnAllowed() || write.isTakenBack())) {
        stage.tell(step.node(), text + ": its store does not know that one");
        return;
      }
      if (undecided && !(e instanceof TransactionException)) {
        stage.witness.bindings.mayBeWithdrawn(write);
      }
      throw e;
    }
    if (inverse.isPresent()) {
      made(step, node, inverse.get());
    } else {
      stage.witness.bindings.withdrawn(write);
      stage.tell(step.node(), "write " + write.label() + " is gone");
    }
  }

  /** Two or three of the newest that wait: most likely they were not sent. If its program dies in it, nobody knows whether they are bound. */
  private void bind(Step step, ClientNode node, int number, String text) {
    List<Pending> pending = node.client().pending();
    int many = 2 + number % 2;
    if (pending.size() < many) {
      stage.tell(step.node(), text + ": too few are pending");
      return;
    }
    int end = pending.size() - number / 2 % (pending.size() - many + 1);
    List<UUID> chosen = pending.subList(end - many, end).stream().map(Pending::id).toList();
    stage.tell(step.node(), text + " of writes " + chosen.stream().map(recorder::labelOf).toList());
    try {
      node.client().bind(chosen);
    } catch (RebasisException e) {
      if (!NOT_POSSIBLE.contains(e.code().name())) {
        stage.witness.bindings.mayBeBound(chosen);
      }
      throw e;
    }
    stage.witness.bindings.bound(chosen);
    stage.tally.operation(BIND);
  }

  private void parked(Step step, ClientNode node, int number, String text) {
    SyncClient client = node.client();
    List<ConflictRecord> parked = client.parked();
    if (parked.isEmpty()) {
      stage.tell(step.node(), text + ": nothing is parked");
      return;
    }
    ConflictRecord record = parked.get(number % parked.size());
    LocalWrite write = stage.witness.write(record.id());
    stage.tell(step.node(), text + " of " + (write == null ? "one that is not known" : "write " + write.label()));
    if (step.kind().equals(DISCARD)) {
      // What waited with it is made again without it.
      client.discard(record.id(), number % 2 == 0 ? Dependents.DISCARD : Dependents.CUT).again()
          .forEach(each -> made(step, node, each));
      stage.tally.operation(DISCARD);
      return;
    }
    Object forms = step.kind().equals(EDIT) && write != null ? edited(write, client) : null;
    Retry retry = forms == null ? client.retry(record.id()) : client.retry(record.id(), forms);
    made(step, node, retry.transaction());
    retry.dependents().forEach(each -> made(step, node, each));
  }

  /** What its author would write now; null where that is not known, or nothing. */
  private Object edited(LocalWrite write, SyncClient client) {
    boolean known = stage.workload.kinds().contains(write.kind()) && !stage.workload.isTogether(write.kind());
    return known ? stage.workload.forms(write.kind(), write.argument(), client.db()) : null;
  }

  private void made(Step step, ClientNode node, Pending pending) {
    recorder.label(pending.id(), step.label());
    if (node.isRunning()) {
      stage.witness.made(node, step, pending, stage.faults.activeAt(step.node()));
    } else {
      stage.witness.neverReturned(step, -1);
    }
  }
}
