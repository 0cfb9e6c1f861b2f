package dev.rebasis.conflict;

import dev.rebasis.data.Keyword;
import dev.rebasis.protocol.Terms.PolicyRef;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What a decision knows beside the database: custom policies, transaction functions, how premises are answered, and
 * what a transaction may ask for. Immutable; callers may share it, as far as what they register is thread-safe.
 */
public final class Rules {
  /** Rebasis's own policies and functions only; any of them may be asked for. */
  public static final Rules BUILT_IN = builder().build();

  /** A custom policy with the version of its code. */
  record Custom(long version, CustomPolicy policy, Set<Keyword> together) {}

  private final Map<Keyword, Custom> policies;
  private final Function<Keyword, TransactionFunction> functions;
  private final Predicate<PolicyRef> mayAsk;
  private final Map<Keyword, PolicyRef> instead;
  private final PremiseCheck premises;
  private final Guard guard;
  private final boolean leavesUnknownToServer;
  private final boolean callsTwice;
  private final boolean decidesTogether;

  private Rules(Builder builder) {
    this.policies = Map.copyOf(builder.policies);
    this.functions = builder.functions;
    this.mayAsk = builder.mayAsk;
    this.instead = Map.copyOf(builder.instead);
    this.premises = builder.premises;
    this.guard = builder.guard;
    this.leavesUnknownToServer = builder.leavesUnknownToServer;
    this.callsTwice = builder.callsTwice;
    this.decidesTogether = policies.values().stream().anyMatch(custom -> !custom.together().isEmpty());
  }

  /** Begins with Rebasis's own. */
  public static Builder builder() {
    return new Builder();
  }

  /** The same with more to it. */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.policies.putAll(policies);
    builder.functions = functions;
    builder.mayAsk = mayAsk;
    builder.instead.putAll(instead);
    builder.premises = premises;
    builder.guard = guard;
    builder.leavesUnknownToServer = leavesUnknownToServer;
    builder.callsTwice = callsTwice;
    return builder;
  }

  /** Whether a policy of this name and version can be applied here. */
  public boolean knows(PolicyRef policy) {
    Custom custom = policies.get(policy.name());
    return custom == null ? policy.version() == 0 && BuiltInPolicy.of(policy.name()) != null
        : custom.version() == policy.version();
  }

  /** The names of the policies that can be applied here, Rebasis's own and the registered ones, in order. */
  public SortedSet<Keyword> policyNames() {
    SortedSet<Keyword> names = new TreeSet<>(policies.keySet());
    BuiltInPolicy.all().forEach(policy -> names.add(policy.ident()));
    return names;
  }

  /** The policy with this name of any version, or null. */
  Policy policy(Keyword name) {
    Custom custom = policies.get(name);
    return custom == null ? BuiltInPolicy.of(name) : new GuardedPolicy(name, custom, guard, callsTwice);
  }

  /** Whether any registered policy decides attributes together. */
  boolean decidesTogether() {
    return decidesTogether;
  }

  boolean mayAsk(PolicyRef policy) {
    return mayAsk.test(policy) && knows(policy);
  }

  Map<Keyword, PolicyRef> instead() {
    return instead;
  }

  /** The transaction function with this name that was registered, or null. */
  public TransactionFunction registered(Keyword name) {
    return function(name);
  }

  TransactionFunction function(Keyword name) {
    return functions.apply(name);
  }

  PremiseCheck premises() {
    return premises;
  }

  /** What calls a program's code, and says how long a query may take. */
  public Guard guard() {
    return guard;
  }

  boolean leavesUnknownToServer() {
    return leavesUnknownToServer;
  }

  boolean callsTwice() {
    return callsTwice;
  }

  /** Collects rules. Confined. */
  public static final class Builder {
    private final Map<Keyword, Custom> policies = new HashMap<>();
    private final Map<Keyword, PolicyRef> instead = new HashMap<>();
    private final Map<Keyword, TransactionFunction> registered = new HashMap<>();
    private Function<Keyword, TransactionFunction> functions = name -> null;
    private Predicate<PolicyRef> mayAsk = policy -> true;
    private PremiseCheck premises = PremiseCheck.UNCHECKED;
    private Guard guard = Guard.DIRECT;
    private boolean leavesUnknownToServer;
    private boolean callsTwice;

    private Builder() {}

    /**
     * Registers a custom policy.
     *
     * @param name with a namespace of the program's own
     * @param version of the code, from 0
     * @throws IllegalArgumentException if the name belongs to Rebasis
     */
    public Builder policy(Keyword name, long version, CustomPolicy policy) {
      refuseReserved(name);
      policies.put(name, new Custom(version, Objects.requireNonNull(policy, "policy"), Set.copyOf(policy.together())));
      return this;
    }

    /**
     * Registers a transaction function.
     *
     * @throws IllegalArgumentException if the name belongs to Datomic or Rebasis
     */
    public Builder function(Keyword name, TransactionFunction function) {
      refuseReserved(name);
      registered.put(name, Objects.requireNonNull(function, "function"));
      return this;
    }

    /** Where functions are looked for that are not registered; it gives null for what it does not know. */
    public Builder functions(Function<Keyword, TransactionFunction> others) {
      this.functions = Objects.requireNonNull(others, "others");
      return this;
    }

    /** Which policies a transaction may ask for; default all that are known. */
    public Builder mayAsk(Predicate<PolicyRef> allowed) {
      this.mayAsk = Objects.requireNonNull(allowed, "allowed");
      return this;
    }

    /** Policies by attribute that go before all others; for previews. */
    public Builder instead(Map<Keyword, PolicyRef> others) {
      instead.putAll(others);
      return this;
    }

    /** How premises are answered; default: not at all. */
    public Builder premises(PremiseCheck check) {
      this.premises = Objects.requireNonNull(check, "check");
      return this;
    }

    /** Who calls what was registered; default {@link Guard#DIRECT}. */
    public Builder guard(Guard caller) {
      this.guard = Objects.requireNonNull(caller, "caller");
      return this;
    }

    /** Functions and policies that are not known here are no errors: the server may know them. For clients. */
    public Builder leavesUnknownToServer() {
      this.leavesUnknownToServer = true;
      return this;
    }

    /**
     * Calls each custom policy and each transaction function twice, and parks the transaction if it answers differently;
     * for tests and simulations.
     */
    public Builder callsTwice() {
      this.callsTwice = true;
      return this;
    }

    /** The rules. */
    public Rules build() {
      if (!registered.isEmpty()) {
        Map<Keyword, TransactionFunction> own = Map.copyOf(registered);
        Function<Keyword, TransactionFunction> others = functions;
        functions = name -> own.containsKey(name) ? own.get(name) : others.apply(name);
        registered.clear();
      }
      return new Rules(this);
    }

    private static void refuseReserved(Keyword name) {
      String namespace = name.namespace();
      boolean reserved = namespace == null || namespace.equals("db") || namespace.startsWith("db.")
          || namespace.equals("rebasis") || namespace.startsWith("rebasis.");
      if (reserved) {
        throw new IllegalArgumentException("The name " + name + " cannot be registered: give it a namespace of your own,"
            + " for example :shop/" + name.name() + ".");
      }
    }
  }
}
