package dev.rebasis.simulations.sim;

import dev.rebasis.client.Scope;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.simulations.workload.Workload;
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
      "plan seed (-?\\d{1,19}) workload (\\S+) clients (\\d{1,2}) millis (\\d{1,15}) healed (\\S+)");
  private static final int CLIENTS_MAX = 32;
  private static final Pattern STEP = Pattern.compile("(\\d{1,15}) (\\S+) ([a-z]+)(?: (?!; [a-z-]+$)(.*?))?(?: ; ([a-z-]+))?");

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
        steps.add(checked(step(line), head, steps, line));
      }
    }
    if (head == null) {
      throw malformed("a line that begins with 'plan'", text.lines().findFirst().orElse("an empty file"));
    }
    return head.withSteps(steps);
  }

  /**
   * Checks that a plan can be played with a workload.
   *
   * @throws RebasisException if it writes or wants what the workload does not have
   */
  static void check(Plan plan, Workload workload) {
    List<String> scopes = new ArrayList<>(workload.scopes().stream().map(Scope::name).toList());
    scopes.add("-");
    for (Step step : plan.steps()) {
      boolean known = !step.isWrite() || step.isRevisit() || step.kind().equals("schema") || workload.kinds().contains(step.kind());
      if (!known) {
        throw malformed("the workload's operations " + String.join(", ", workload.kinds()), line(step));
      }
      if (step.verb() == Verb.SCOPES && !scopes.containsAll(List.of(step.argument().split(",")))) {
        throw malformed("the workload's scopes " + String.join(", ", scopes), line(step));
      }
    }
  }

  private static Step checked(Step step, Plan plan, List<Step> before, String line) {
    String expected = StepForm.wrong(step, plan);
    if (expected != null) {
      throw malformed(expected, line);
    }
    if (!before.isEmpty() && before.get(before.size() - 1).atMillis() > step.atMillis()) {
      throw malformed("its lines in the order of their moments", line);
    }
    return step;
  }

  private static Plan head(String line) {
    Matcher matcher = HEAD.matcher(line);
    if (!matcher.matches()) {
      throw malformed("'plan seed N workload NAME clients N millis N healed NAMES'", line);
    }
    int clients = Integer.parseInt(matcher.group(3));
    if (clients < 1 || clients > CLIENTS_MAX) {
      throw malformed("1 to " + CLIENTS_MAX + " clients", line);
    }
    Plan head = new Plan(seed(matcher.group(1), line), matcher.group(2), clients, Long.parseLong(matcher.group(4)),
        matcher.group(5).equals("-") ? List.of() : List.of(matcher.group(5).split(",")), List.of());
    if (!head.clientNames().containsAll(head.healed())) {
      throw malformed("clients that heal first out of c1 to c" + clients, line);
    }
    return head;
  }

  private static long seed(String digits, String line) {
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException e) {
      throw malformed("a seed of 64 bits", line);
    }
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
