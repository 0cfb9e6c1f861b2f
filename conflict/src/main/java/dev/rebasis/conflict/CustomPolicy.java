package dev.rebasis.conflict;

import dev.rebasis.data.Keyword;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A policy of a program's own, registered under a name on clients and server.
 *
 * <p>It must be a pure function: same meeting, same result, on every machine. It may look at the whole entity on all
 * three sides, and may set related attributes too (start and end of an interval, say). If it throws, takes too long or
 * returns something that does not fit the attribute, the transaction is parked with the error and the sync goes on.
 */
@FunctionalInterface
public interface CustomPolicy {
  /** What becomes of the meeting. */
  Resolved resolve(Meeting meeting);

  /**
   * Attributes of one entity that it decides together: what the one side wrote on an attribute of cardinality one under this
   * policy meets what the other side wrote on one of these. None by default: then both sides must have written the same
   * attribute. Asked once, when the policy is registered; what names no attribute is passed over.
   */
  default Set<Keyword> together() {
    return Set.of();
  }

  /**
   * A policy that decides attributes together, such as start and end of an interval.
   *
   * @param attributes their idents, for example {@code ":slot/start"}; each of them needs the policy in its schema or in the
   *     client's or transaction's terms
   */
  static CustomPolicy over(List<String> attributes, CustomPolicy policy) {
    Set<Keyword> together = attributes.stream().map(Keyword::of).collect(Collectors.toUnmodifiableSet());
    return new CustomPolicy() {
      @Override
      public Resolved resolve(Meeting meeting) {
        return policy.resolve(meeting);
      }

      @Override
      public Set<Keyword> together() {
        return together;
      }
    };
  }
}
