package dev.rebasis.client.internal.rebase;

import dev.rebasis.conflict.Decider;
import dev.rebasis.conflict.Decision;
import dev.rebasis.conflict.FactView;
import dev.rebasis.conflict.LocalIds;
import dev.rebasis.conflict.RemoteChanges;
import dev.rebasis.conflict.Rules;
import dev.rebasis.protocol.Intent;
import java.time.Instant;

/** What becomes of an intent; production passes {@code Decider::decide}. */
@FunctionalInterface
public interface Decide {
  /** See {@link dev.rebasis.conflict.Decider#decide}. */
  Decision decide(Intent intent, FactView now, RemoteChanges remote, LocalIds ids);

  /** The rules that it decides by. */
  default Rules rules() {
    return Rules.BUILT_IN;
  }

  /** Decides by rules. */
  static Decide by(Rules rules) {
    return new Decide() {
      @Override
      public Decision decide(Intent intent, FactView now, RemoteChanges remote, LocalIds ids) {
        return Decider.decide(intent, now, remote, ids, rules);
      }

      @Override
      public Rules rules() {
        return rules;
      }
    };
  }

  /** Decides by rules, as of an instant: what is to be decided earlier comes too late. */
  static Decide at(Instant now, Rules rules) {
    return new Decide() {
      @Override
      public Decision decide(Intent intent, FactView view, RemoteChanges remote, LocalIds ids) {
        Decision late = Decider.tooLate(intent, now);
        return late != null ? late : Decider.decide(intent, view, remote, ids, rules);
      }

      @Override
      public Rules rules() {
        return rules;
      }
    };
  }
}
