package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Keyword;
import java.util.Objects;
import java.util.Set;

/** A custom policy, called so that whatever it does ends in a {@link Resolved}. Immutable. */
final class GuardedPolicy implements Policy {
  private final Keyword name;
  private final CustomPolicy policy;
  private final Set<Keyword> together;
  private final Guard guard;
  private final boolean callsTwice;

  GuardedPolicy(Keyword name, Rules.Custom custom, Guard guard, boolean callsTwice) {
    this.name = name;
    this.policy = custom.policy();
    this.together = custom.together();
    this.guard = guard;
    this.callsTwice = callsTwice;
  }

  @Override
  public Keyword ident() {
    return name;
  }

  @Override
  public Resolved resolve(Meeting meeting) {
    Resolved first = call(meeting);
    if (callsTwice && !Objects.equals(first, call(meeting))) {
      return new Resolved.Failed("The policy " + name + " answers the same meeting differently each time. It must be a"
          + " pure function.");
    }
    return first;
  }

  private Resolved call(Meeting meeting) {
    String[] why = {"it returned null."};
    Resolved resolved =
        guard.contained(name.toString(), () -> policy.resolve(meeting), e -> why[0] = "it threw " + Guard.words(e) + ".");
    return resolved == null ? new Resolved.Failed("The policy " + name + " failed: " + why[0]) : resolved;
  }

  @Override
  public Set<Keyword> together() {
    return together;
  }

  @Override
  public boolean worksFromBase() {
    return true;
  }

  @Override
  public String unfit(Attribute attribute) {
    return null;
  }
}
