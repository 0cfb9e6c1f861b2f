package dev.rebasis.simulations.workload;

import dev.rebasis.client.Database;
import dev.rebasis.client.Scope;
import dev.rebasis.client.TransactionOptions;
import dev.rebasis.data.Keyword;
import dev.rebasis.simulations.world.Registered;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * What simulated clients write, and what must hold of it. An operation is chosen when a plan is made, without looking at
 * any database, so that the plan is plain text; it becomes forms when it is carried out, on what the client then sees.
 * Immutable; thread-safe.
 */
public interface Workload {
  /** The name on the command line. One word of lower case letters, digits and '-'. */
  String name();

  /** What it is about, in a sentence. */
  String description();

  /** Map forms that install its attributes. */
  List<?> schema();

  /** The transactions that install its schema, one after the other; together they are {@link #schema}. */
  default List<List<?>> installation() {
    return List.of(schema());
  }

  /** Forms of what is there before anyone writes, as EDN text of a vector; may be empty. */
  String beginning();

  /** The kinds of operations, in a fixed order. */
  List<String> kinds();

  /**
   * Chooses the argument of an operation.
   *
   * @param kind one of {@link #kinds}
   * @param random the only source of chance
   * @param made what the same client's earlier operations made
   * @return one line of EDN; {@code ?12.e} in it stands for the entity that operation 12 made under the tempid "e"
   */
  String argument(String kind, RandomGenerator random, Made made);

  /**
   * The forms of an operation.
   *
   * @param kind its kind
   * @param argument as {@link #argument} gave it, with entity ids in the place of references
   * @param db what the writer sees
   * @return EDN text of a vector of forms, or the same as data; null if there is nothing to write
   */
  Object forms(String kind, String argument, Database db);

  /**
   * On which terms an operation is written.
   *
   * @param argument as for {@link #forms}
   */
  default TransactionOptions options(String kind, String argument) {
    return TransactionOptions.DEFAULT;
  }

  /**
   * How long after it was made an operation may still be decided.
   *
   * @return null if it may be decided whenever it comes
   */
  default Duration patience(String kind, String argument) {
    return null;
  }

  /** The same as {@link #options(String, String)}, with the instant until which it may be decided if it is made now. */
  default TransactionOptions options(String kind, String argument, Instant now) {
    Duration patience = patience(kind, argument);
    return patience == null ? options(kind, argument) : options(kind, argument).notAfter(now.plus(patience));
  }

  /** Whether {@link #forms} gives a list of several transactions, of which all or none are to be committed. */
  default boolean isTogether(String kind) {
    return false;
  }

  /**
   * Whether what must hold also holds if clients take back any of their transactions, whatever others have made of them
   * since. If not, as a rule, nobody does.
   */
  default boolean canBeUndone() {
    return false;
  }

  /**
   * How far the fault {@code schema} may alter an attribute of its schema while it is played. As a rule only so that nothing
   * is seen of it; a workload whose operations and laws read nothing but values allows more.
   */
  default Alterable alterable(Keyword attribute) {
    return Alterable.INDEXES;
  }

  /**
   * The parts of the database that clients may hold. If there are some, every client but the first begins with some of
   * them, and the plan says how that changes; empty if all clients hold everything.
   */
  default List<Scope> scopes() {
    return List.of();
  }

  /**
   * What its clients and the server have to have registered: policies and functions of its own. If it has some, these count and
   * not what somebody registers beside.
   */
  default Registered registered() {
    return Registered.NOTHING;
  }

  /** The tempids of the entities that an operation makes, to which later ones may refer. */
  default List<String> tempids(String kind) {
    return List.of();
  }

  /**
   * The policies that can settle conflicts of an operation, by their names, such as {@code counter}; {@code park} for what
   * has a person decide. Those of a workload are asked for in a run's coverage; empty if it is not known.
   */
  default Set<String> policies(String kind) {
    return Set.of();
  }

  /** Whether a conflict of an operation with this argument can be settled by a policy among its {@link #policies}. */
  default boolean concerns(String policy, String kind, String argument) {
    return policies(kind).contains(policy);
  }

  /** Who writes what and when; empty if a seed chooses. */
  default List<Moment> script() {
    return List.of();
  }

  /** What must hold of every replica, as queries. */
  default List<Invariant> invariants() {
    return List.of();
  }

  /**
   * What must hold of every database that anybody sees, at every moment.
   *
   * @return a sentence for each thing that is wrong; empty if nothing is
   */
  default List<String> wrong(Database db) {
    return List.of();
  }

  /**
   * Whether {@link #judge} can be asked where some operations are not {@link Certainty#SURE}, and then asks nothing of what
   * these may have changed. If not, as a rule, it is not asked at all there.
   */
  default boolean judgesUncertain() {
    return false;
  }

  /**
   * What must hold of the outcome as a whole, beyond the promises.
   *
   * @param committed the operations that the server committed, in its order; those that it may have committed or not are
   *     at the end
   * @param db the confirmed database of a client that has everything
   * @return a sentence for each thing that is wrong; empty if nothing is
   */
  default List<String> judge(List<Committed> committed, Database db) {
    return List.of();
  }

  /** How sure it is that an operation did what it says. */
  enum Certainty {
    /** It was committed once, and stands. */
    SURE("sure"),
    /** Its author saw what a restored server has forgotten since: a sum that was read off that is a sum of something else. */
    ON_FORGOTTEN("made on what a restored server forgot"),
    /** Somebody took it back, or made it again, with other forms perhaps. */
    REVISITED("taken back or made again"),
    /** Who wrote it died in it, and nobody knows whether it is there. */
    UNKNOWN("not known to whoever wrote it");

    private final String words;

    Certainty(String words) {
      this.words = words;
    }

    /** Why it is not sure, for people. */
    public String words() {
      return words;
    }
  }

  /**
   * An operation that the server committed. Immutable.
   *
   * @param merged whether a policy settled a conflict of it
   */
  record Committed(String client, String kind, String argument, boolean merged, Certainty certainty) {
    /** Whether it did what it says. */
    public boolean isSure() {
      return certainty == Certainty.SURE;
    }
  }

  /**
   * A write of a script. Immutable.
   *
   * @param millis when, in virtual milliseconds from the beginning
   * @param node {@code server} or a client's name, {@code c1} and so on
   * @param kind one of {@link Workload#kinds}
   * @param argument as {@link Workload#argument} would give it
   */
  record Moment(long millis, String node, String kind, String argument) {}

  /** What a client's earlier operations made, for those who refer to it. */
  interface Made {
    /** A reference such as {@code ?12.e} to an entity that the client made, chosen at random; null if there is none. */
    String any(RandomGenerator random);
  }
}
