package dev.rebasis.simulations.sim;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Plans as text, one step a line, for the corpus of mended faults and for people:
 *
 * <pre>
 * # what it once found
 * plan seed 17 workload bank clients 3 millis 20000 healed c1,c3
 * 120 c1 transact 1 transfer [0 2 5]
 * 400 c2 cut ; partition
 * </pre>
 */
final class PlanText {
  private static final Pattern HEAD = Pattern.compile(
      "plan seed (-?\\d+) workload (\\S+) clients (\\d+) millis (\\d+) healed (\\S+)");
  private static final Pattern STEP = Pattern.compile("(\\d+) (\\S+) ([a-z]+)(?: (?!; [a-z-]+$)(.*?))?(?: ; ([a-z-]+))?");

  private PlanText() {}

  static String write(Plan plan) {
    StringBuilder text = new StringBuilder("plan seed ").append(plan.seed()).append(" workload ").append(plan.workload())
        .append(" clients ").append(plan.clients()).append(" millis ").append(plan.millis())
        .append(" healed ").append(plan.healed().isEmpty() ? "-" : String.join(",", plan.healed())).append('\n');
    plan.steps().forEach(step -> text.append(line(step)).append('\n'));
    return text.toString();
  }

  static String line(Step step) {
    return step.atMillis() + " " + step.node() + " " + step.verb().word()
        + (step.argument().isEmpty() ? "" : " " + step.argument())
        + (step.fault() == null ? "" : " ; " + step.fault().word());
  }

  static Plan read(String text) {
    Plan head = null;
    List<Step> steps = new ArrayList<>();
    for (String line : text.lines().toList()) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      if (head == null) {
        head = head(line);
      } else {
        steps.add(step(line));
      }
    }
    if (head == null) {
      throw malformed("a line that begins with 'plan'", text);
    }
    return head.withSteps(steps);
  }

  private static Plan head(String line) {
    Matcher matcher = HEAD.matcher(line);
    if (!matcher.matches()) {
      throw malformed("'plan seed N workload NAME clients N millis N healed NAMES'", line);
    }
    return new Plan(Long.parseLong(matcher.group(1)), matcher.group(2), Integer.parseInt(matcher.group(3)),
        Long.parseLong(matcher.group(4)), matcher.group(5).equals("-") ? List.of() : List.of(matcher.group(5).split(",")),
        List.of());
  }

  private static Step step(String line) {
    Matcher matcher = STEP.matcher(line);
    if (!matcher.matches()) {
      throw malformed("'MILLIS NODE VERB ARGUMENT ; FAULT'", line);
    }
    String argument = matcher.group(4) == null ? "" : matcher.group(4);
    return new Step(Long.parseLong(matcher.group(1)), matcher.group(2),
        verb(matcher.group(3), line), argument,
        matcher.group(5) == null ? null : Fault.of(matcher.group(5)));
  }

  private static Verb verb(String word, String line) {
    for (Verb verb : Verb.values()) {
      if (verb.word().equals(word)) {
        return verb;
      }
    }
    throw malformed("one of the verbs " + Arrays.stream(Verb.values()).map(Verb::word).collect(Collectors.joining(", ")),
        line);
  }

  private static RebasisException malformed(String expected, String line) {
    return new RebasisException(Keyword.of(":rebasis.error/malformed-plan"), ErrorCategory.FIX_REQUEST,
        "A plan has " + expected + ", not: " + line);
  }
}
