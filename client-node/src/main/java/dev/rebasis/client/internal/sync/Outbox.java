package dev.rebasis.client.internal.sync;

import java.util.ArrayList;
import java.util.List;

/** The actions that the event of the moment asks for, in order. Confined to the {@link SyncMachine}. */
final class Outbox {
  private List<SyncAction> actions = new ArrayList<>();

  void add(SyncAction action) {
    actions.add(action);
  }

  void addAll(List<SyncAction> more) {
    actions.addAll(more);
  }

  /** Gives all of them out and begins anew. */
  List<SyncAction> take() {
    List<SyncAction> result = actions;
    actions = new ArrayList<>();
    return result;
  }
}
