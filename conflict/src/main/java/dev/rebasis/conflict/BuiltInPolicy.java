package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.ValueType;
import dev.rebasis.data.Values;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** The policies that Rebasis has itself. Immutable; pure. */
final class BuiltInPolicy implements Policy {
  static final String NAMESPACE = "rebasis.policy";

  private static final Set<ValueType> NUMBERS =
      Set.of(ValueType.LONG, ValueType.BIGINT, ValueType.FLOAT, ValueType.DOUBLE, ValueType.BIGDEC);
  private static final Map<Keyword, Policy> ALL = new LinkedHashMap<>();

  /** The intent is decided later than what it meets, so it wins. */
  static final Policy LAST_WRITER_WINS = plain("last-writer-wins", BuiltInPolicy::asWritten);
  /** What either side asserted stays. */
  static final Policy ADD_WINS = plain("add-wins", BuiltInPolicy::union);
  /** What the others left stays. */
  static final Policy SERVER_WINS;
  /** Those under which whoever is decided later has the last word, whatever the others meant. */
  static final Set<Policy> LATER_WINS;

  static {
    plain("first-writer-wins", meeting -> Resolved.values(meeting.remote()));
    SERVER_WINS = plain("server-wins", meeting -> Resolved.values(meeting.remote()));
    LATER_WINS = Set.of(LAST_WRITER_WINS, plain("client-wins", BuiltInPolicy::asWritten));
    plain("union", BuiltInPolicy::union);
    plain("remove-wins", BuiltInPolicy::intersection);
    plain("park", meeting -> Resolved.park("The policy of " + meeting.attribute().ident() + " leaves it to a person."));
    plain("reject", meeting -> Resolved.reject("The policy of " + meeting.attribute().ident() + " refuses it."));
    put("max", false, meeting -> extreme(meeting, 1), BuiltInPolicy::notOrdered);
    put("min", false, meeting -> extreme(meeting, -1), BuiltInPolicy::notOrdered);
    put("counter", true, Counter::resolve, BuiltInPolicy::notNumeric);
    put("text-merge", true, meeting -> TextMerge.resolve(meeting, false), BuiltInPolicy::notText);
    put("text-merge-marked", true, meeting -> TextMerge.resolve(meeting, true), BuiltInPolicy::notText);
  }

  private final Keyword ident;
  private final boolean worksFromBase;
  private final Function<Meeting, Resolved> function;
  private final Function<Attribute, String> unfit;

  private BuiltInPolicy(
      Keyword ident, boolean worksFromBase, Function<Meeting, Resolved> function, Function<Attribute, String> unfit) {
    this.ident = ident;
    this.worksFromBase = worksFromBase;
    this.function = function;
    this.unfit = unfit;
  }

  /** The policy with this name, or null. */
  static Policy of(Keyword name) {
    return ALL.get(name);
  }

  /** All of them, in the order of the documentation. */
  static Collection<Policy> all() {
    return ALL.values();
  }

  private static Policy plain(String name, Function<Meeting, Resolved> function) {
    return put(name, false, function, attribute -> null);
  }

  private static Policy put(
      String name, boolean worksFromBase, Function<Meeting, Resolved> function, Function<Attribute, String> unfit) {
    Policy policy = new BuiltInPolicy(Keyword.of(":" + NAMESPACE + "/" + name), worksFromBase, function, unfit);
    ALL.put(policy.ident(), policy);
    return policy;
  }

  @Override
  public Keyword ident() {
    return ident;
  }

  @Override
  public boolean worksFromBase() {
    return worksFromBase;
  }

  @Override
  public String unfit(Attribute attribute) {
    return unfit.apply(attribute);
  }

  @Override
  public Resolved resolve(Meeting meeting) {
    // The schema may have changed since the policy was set.
    String why = unfit(meeting.attribute());
    return why == null ? function.apply(meeting) : new Resolved.Failed(why);
  }

  @Override
  public String toString() {
    return ident.toString();
  }

  /** What the operation itself does last; the retraction of one value says nothing about the value that replaced it. */
  private static Resolved asWritten(Meeting meeting) {
    return Resolved.values(
        meeting.kind() == ConflictKinds.RETRACTED_VALUE_CHANGED ? meeting.remote() : meeting.local());
  }

  private static Resolved union(Meeting meeting) {
    if (!meeting.attribute().isMany() && !meeting.local().isEmpty()) {
      return Resolved.values(meeting.local());
    }
    TreeSet<Object> union = new TreeSet<>(Values::compare);
    union.addAll(meeting.local());
    union.addAll(meeting.remote());
    return Resolved.values(List.copyOf(union));
  }

  private static Resolved intersection(Meeting meeting) {
    boolean kept = !meeting.attribute().isMany() && !meeting.local().isEmpty() && !meeting.remote().isEmpty();
    return Resolved.values(kept ? meeting.local() : List.of());
  }

  private static Resolved extreme(Meeting meeting, int sign) {
    if (meeting.local().isEmpty() || meeting.remote().isEmpty()) {
      return union(meeting);
    }
    boolean local = Values.compare(meeting.local().get(0), meeting.remote().get(0)) * sign > 0;
    return Resolved.values(local ? meeting.local() : meeting.remote());
  }

  private static String notOrdered(Attribute attribute) {
    boolean ordered = !attribute.isRef() && attribute.valueType() != ValueType.TUPLE
        && attribute.valueType() != ValueType.BYTES;
    return ordered ? notOne(attribute) : attribute.ident() + " has values without a meaningful order.";
  }

  private static String notNumeric(Attribute attribute) {
    return NUMBERS.contains(attribute.valueType()) ? notOne(attribute) : attribute.ident() + " is no number.";
  }

  private static String notText(Attribute attribute) {
    return attribute.valueType() == ValueType.STRING ? notOne(attribute) : attribute.ident() + " is no string.";
  }

  private static String notOne(Attribute attribute) {
    return attribute.isMany() ? attribute.ident() + " has several values; the policy needs cardinality one." : null;
  }
}
