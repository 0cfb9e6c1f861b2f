package dev.rebasis.simulations.sim;

import java.util.Map;
import java.util.regex.Pattern;

/** What a verb of a plan needs: which argument, and whether it is for clients only. Immutable. */
final class StepForm {
  private static final String NUMBER = "\\d{1,9}";
  private static final String SHARE = "(?:0(?:\\.\\d{1,6})?|1(?:\\.0{1,6})?)";
  private static final String DEATH = "(?:crash|powerloss)";

  private static final Map<Verb, StepForm> FORMS = Map.ofEntries(
      both(Verb.TRANSACT, NUMBER + " [^\\s;]+ .+", "LABEL KIND ARGUMENT"),
      client(Verb.CUT, "", ""), client(Verb.HEAL, "", ""),
      client(Verb.SILENCE, "up|down|both", "up, down or both"), client(Verb.UNSILENCE, "", ""), client(Verb.RESET, "", ""),
      client(Verb.LINE, "usual|" + NUMBER + "-" + NUMBER + " loss " + SHARE + " dup " + SHARE + " reorder " + SHARE
          + "(?: tail \\d{1,3}(?:\\.\\d{1,6})?)?", "MIN-MAX loss L dup D reorder R, perhaps with tail A, or usual"),
      both(Verb.CRASH, "", ""), both(Verb.POWERLOSS, "", ""), both(Verb.STOP, "", ""), both(Verb.START, "", ""),
      both(Verb.SPACE, "free|" + NUMBER, "BYTES or free"), client(Verb.SCOPES, "-|\\S+", "NAME,NAME or -"),
      both(Verb.SLOW, NUMBER, "MILLISECONDS"), both(Verb.FAIL, "(?:read|write|force) [1-9]\\d{0,8}", "read, write or force, and N"),
      both(Verb.CLOCK, "-?" + NUMBER, "MILLISECONDS"),
      client(Verb.TRAP, "(?:send|arrival) [a-z-]+ (?:cut|" + DEATH + "|server-" + DEATH + ")",
          "send or arrival, TYPE, and cut, crash, powerloss, server-crash or server-powerloss"),
      both(Verb.POINT, "\\S+ [a-z]+ \\d{1,9}(?:\\.2)? (?:fail|" + DEATH + ")",
          "FILE OPERATION N, and fail, crash or powerloss"),
      client(Verb.MESSAGE, NUMBER + " (?:cut|" + DEATH + ")", "N, and cut, crash or powerloss"),
      both(Verb.BACKUP, "", ""), both(Verb.RESTORE, "", ""), client(Verb.CLONE, "c" + NUMBER, "CLIENT"),
      client(Verb.HALFOPEN, "", ""), client(Verb.THROTTLE, NUMBER, "BYTES a second"));

  private final Pattern argument;
  private final String words;
  private final boolean clientsOnly;

  private StepForm(String argument, String words, boolean clientsOnly) {
    this.argument = Pattern.compile(argument);
    this.words = words;
    this.clientsOnly = clientsOnly;
  }

  private static Map.Entry<Verb, StepForm> both(Verb verb, String argument, String words) {
    return Map.entry(verb, new StepForm(argument, words, false));
  }

  private static Map.Entry<Verb, StepForm> client(Verb verb, String argument, String words) {
    return Map.entry(verb, new StepForm(argument, words, true));
  }

  /** What is wrong with a step in a plan of these clients, in words; null if nothing is. */
  static String wrong(Step step, Plan plan) {
    StepForm form = FORMS.get(step.verb());
    if (step.isServer() && form.clientsOnly) {
      return "'" + step.verb().word() + "' for a client, not for the server";
    }
    if (!step.isServer() && !plan.clientNames().contains(step.node())) {
      return "nodes 'server' and " + plan.clientNames().get(0) + " to c" + plan.clients();
    }
    if (!form.argument.matcher(step.argument()).matches()) {
      return "'" + step.verb().word() + (form.words.isEmpty() ? "' without an argument" : " " + form.words + "'");
    }
    if (step.verb() == Verb.LINE && !step.argument().equals("usual") && !isSpan(step.argument().split(" ")[0])) {
      return "'line MIN-MAX' with MAX not below MIN";
    }
    if (step.verb() == Verb.CLONE && (!plan.clientNames().contains(step.argument()) || step.argument().equals(step.node()))) {
      return "'clone CLIENT' with another one of its clients";
    }
    if (step.isRevisit() && !step.operation().matches(NUMBER)) {
      return "'transact LABEL " + step.kind() + " N'";
    }
    return null;
  }

  private static boolean isSpan(String delays) {
    return Long.parseLong(delays.split("-")[0]) <= Long.parseLong(delays.split("-")[1]);
  }
}
