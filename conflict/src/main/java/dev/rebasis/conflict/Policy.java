package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Keyword;
import java.util.Set;

/** A policy as {@link Detection} uses it: one of Rebasis's own or a custom one. Immutable; pure. */
interface Policy {
  /** As it is recorded, for example {@code :rebasis.policy/last-writer-wins}. */
  Keyword ident();

  /** What becomes of the meeting. Never throws. */
  Resolved resolve(Meeting meeting);

  /**
   * Whether it works from the base. Then two sides that wrote the same value meet too (two counters raised from 5 to 7
   * make 9), and a value that a pending predecessor left is a base.
   */
  boolean worksFromBase();

  /** The attributes that it decides together; see {@link CustomPolicy#together}. */
  default Set<Keyword> together() {
    return Set.of();
  }

  /** Why it cannot be set for the attribute, or null. */
  String unfit(Attribute attribute);
}
