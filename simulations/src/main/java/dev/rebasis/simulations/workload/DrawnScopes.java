package dev.rebasis.simulations.workload;

import dev.rebasis.client.Scope;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Which of a workload's scopes a client wants, as the argument of a step. Pure functions. */
public final class DrawnScopes {
  private static final String NONE = "-";

  private DrawnScopes() {}

  /** Some scopes, by name, separated by commas. */
  public static String draw(List<Scope> scopes, Random random) {
    String some = String.join(",", scopes.stream().map(Scope::name).filter(name -> random.nextBoolean()).toList());
    return some.isEmpty() ? NONE : some;
  }

  /** The scopes that an argument names. */
  public static List<Scope> named(List<Scope> scopes, String argument) {
    List<String> names = Arrays.asList(argument.split(","));
    return scopes.stream().filter(scope -> names.contains(scope.name())).toList();
  }

  /** What a client begins with follows from the plan's seed, so that a plan that is made smaller keeps it. */
  public static List<Scope> atFirst(List<Scope> scopes, long seed, String client) {
    return named(scopes, draw(scopes, new Random(seed * 31 + client.hashCode())));
  }
}
