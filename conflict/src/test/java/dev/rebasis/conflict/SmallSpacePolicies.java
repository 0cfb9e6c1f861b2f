package dev.rebasis.conflict;

import dev.rebasis.data.Keyword;
import dev.rebasis.data.ValueType;
import dev.rebasis.data.Values;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** What each policy makes of base, local and remote values, by the words of docs/conflicts.md; the model's own. */
final class SmallSpacePolicies {
  /** A person decides. */
  static final List<Object> PARK = List.of("park");
  /** The transaction is refused. */
  static final List<Object> REJECT = List.of("reject");

  private SmallSpacePolicies() {}

  /** Whether a policy (its name) can be set for an attribute. */
  static boolean fits(String policy, Keyword attribute) {
    SmallSpace.Shape shape = SmallSpace.SHAPES.get(attribute);
    return switch (policy) {
      case "counter" -> !shape.many() && List.of(ValueType.LONG, ValueType.BIGINT, ValueType.FLOAT, ValueType.DOUBLE,
          ValueType.BIGDEC).contains(shape.type());
      case "max", "min" -> !shape.many() && !List.of(ValueType.REF, ValueType.BYTES, ValueType.TUPLE).contains(shape.type());
      case "text-merge", "text-merge-marked" -> !shape.many() && shape.type() == ValueType.STRING;
      default -> true;
    };
  }

  /** Whether two sides that wrote the same meet too. */
  static boolean worksFromBase(String policy) {
    return policy.equals("counter") || policy.startsWith("text-merge");
  }

  /** The values that shall stand, {@link #PARK} or {@link #REJECT}. */
  static List<Object> settle(
      String policy, Keyword attribute, Keyword kind, List<Object> base, List<Object> local, List<Object> remote) {
    boolean many = SmallSpace.SHAPES.get(attribute).many();
    return switch (policy) {
      // The retraction of one value says nothing about the value that replaced it.
      case "last-writer-wins", "client-wins" -> kind.name().equals("retracted-value-changed") ? remote : local;
      case "first-writer-wins", "server-wins" -> remote;
      case "union", "add-wins" -> many ? both(local, remote) : local.isEmpty() ? remote : local;
      case "remove-wins" -> many || local.isEmpty() || remote.isEmpty() ? List.of() : local;
      case "max" -> extreme(local, remote, true);
      case "min" -> extreme(local, remote, false);
      case "counter" -> List.of(of(SmallSpace.SHAPES.get(attribute).type(),
          number(remote).add(number(local)).subtract(number(base))));
      case "text-merge" -> text(base, local, remote, false);
      case "text-merge-marked" -> text(base, local, remote, true);
      case "park" -> PARK;
      case "reject" -> REJECT;
      default -> throw new IllegalArgumentException(policy);
    };
  }

  private static List<Object> both(List<Object> local, List<Object> remote) {
    TreeSet<Object> both = new TreeSet<>(Values::compare);
    both.addAll(local);
    both.addAll(remote);
    return new ArrayList<>(both);
  }

  private static List<Object> extreme(List<Object> local, List<Object> remote, boolean greatest) {
    List<Object> both = both(local, remote);
    return List.of(both.get(greatest ? both.size() - 1 : 0));
  }

  /** Every number of the space is a decimal without rounding. */
  private static BigDecimal number(List<Object> values) {
    return values.isEmpty() ? BigDecimal.ZERO : new BigDecimal(values.get(0).toString());
  }

  private static Object of(ValueType type, BigDecimal number) {
    return switch (type) {
      case LONG -> number.longValueExact();
      case BIGINT -> number.toBigIntegerExact();
      case FLOAT -> number.floatValue();
      case DOUBLE -> number.doubleValue();
      default -> number;
    };
  }

  /** Texts of the space are "one" and another word, perhaps with a word before and one behind; or one word on nothing. */
  private static List<Object> text(List<Object> bases, List<Object> locals, List<Object> remotes, boolean marked) {
    if (locals.isEmpty() || remotes.isEmpty()) {
      return locals.equals(remotes) ? List.of() : PARK;
    }
    String local = (String) locals.get(0);
    String remote = (String) remotes.get(0);
    String base = bases.isEmpty() ? "" : (String) bases.get(0);
    if (local.equals(remote) || local.equals(base)) {
      return remotes;
    }
    if (remote.equals(base)) {
      return locals;
    }
    if (base.isEmpty()) {
      return List.of(remote + local);
    }
    if (!base.contains(" ")) {
      return marked ? List.of(marks(local, remote)) : PARK;
    }
    String front = (remote.startsWith("0 ") ? "0 " : "") + (local.startsWith("0 ") && !remote.startsWith("0 ") ? "0 " : "");
    String end = local.endsWith("two 2") || remote.endsWith("two 2") ? " 2" : "";
    String here = second(local);
    String there = second(remote);
    boolean same = here.equals("two") || there.equals("two") || here.equals(there);
    if (!same && !marked) {
      return PARK;
    }
    String word = !same ? marks(here, there) : here.equals("two") ? there : here;
    return List.of(front + "one " + word + end);
  }

  private static String marks(String here, String there) {
    return "<<<<<<< " + there + " ======= " + here + " >>>>>>>";
  }

  private static String second(String text) {
    String after = text.substring(text.indexOf("one ") + 4);
    return after.startsWith("two") ? "two" : after;
  }
}
