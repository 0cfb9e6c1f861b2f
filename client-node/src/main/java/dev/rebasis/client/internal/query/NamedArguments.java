package dev.rebasis.client.internal.query;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Which arguments of rules may come out as names of entities, or as texts for keywords. Rules may build on each other in a circle, so all that are
 * asked for within one question are looked at again until none has more to tell (a least fixpoint); only then are they
 * final. Confined to one evaluation.
 */
final class NamedArguments {
  private static final class Entry {
    private final OtherForms found = new OtherForms();
    private int pass;
  }

  private final Map<Object, Entry> entries = new HashMap<>();
  private int pass;
  private int passFinal;
  private boolean running;
  private boolean changed;

  /**
   * Those of one rule.
   *
   * @param rule what tells it from others
   * @param look looks through its bodies, asking here about the rules that they call
   * @return valid at once only: it may grow while the question is open
   */
  OtherForms of(Object rule, Supplier<OtherForms> look) {
    Entry entry = entries.computeIfAbsent(rule, key -> new Entry());
    boolean isFinal = entry.pass > 0 && entry.pass <= passFinal;
    if (isFinal || running && entry.pass == pass) {
      return entry.found;
    }
    if (running) {
      visit(entry, look);
      return entry.found;
    }
    running = true;
    try {
      do {
        pass++;
        changed = false;
        visit(entry, look);
      } while (changed);
      passFinal = pass;
    } finally {
      running = false;
    }
    return entry.found;
  }

  private void visit(Entry entry, Supplier<OtherForms> look) {
    entry.pass = pass;
    OtherForms more = look.get();
    if (!entry.found.hasAllOf(more)) {
      entry.found.add(more);
      changed = true;
    }
  }
}
