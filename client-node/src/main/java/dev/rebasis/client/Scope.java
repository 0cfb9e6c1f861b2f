package dev.rebasis.client;

import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.ScopeSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A part of the database that a client holds: the entities that a query finds on the server, now and as the database goes
 * on, and those that come with each of them. Entities come whole; a reference to one that is in no scope is there as its
 * bare id. docs/scopes.md tells the rest. Immutable.
 */
public final class Scope {
  private final ScopeSpec spec;

  private Scope(ScopeSpec spec) {
    this.spec = spec;
  }

  /** A scope named {@code scope}: enough for a client that has one. */
  public static Scope query(Object query, Object... inputs) {
    return named("scope", query, inputs);
  }

  /**
   * A scope.
   *
   * @param name by which the client tells it from its others
   * @param query EDN text of a query, or the same as a {@code List} or {@code Map}; it finds one variable, the entities, and
   *     may call the functions that premises may
   * @param inputs what its {@code :in} names after {@code $}
   * @throws RebasisException {@code :rebasis.error/scope} if this is no query
   */
  public static Scope named(String name, Object query, Object... inputs) {
    List<Object> values = new ArrayList<>();
    for (Object input : inputs) {
      values.add(input);
    }
    return of(name, query instanceof String text ? Edn.read(text) : query, values, null);
  }

  private static Scope of(String name, Object query, List<Object> inputs, Object pull) {
    try {
      return new Scope(ScopeSpec.fromData(new ScopeSpec(name, query, inputs, pull).toData()));
    } catch (IllegalArgumentException e) {
      throw new RebasisException(Keyword.of(":rebasis.error/scope"), ErrorCategory.PROGRAMMING_ERROR,
          "The scope " + name + " is none: " + e.getMessage() + ".");
    }
  }

  /**
   * The same with other entities that come with each one: those that a pull pattern goes to. Without a pattern these are the
   * components, as with {@code [*]}.
   *
   * @param pattern EDN text of a pull pattern, or the same as a {@code List}
   */
  public Scope pull(Object pattern) {
    return of(spec.name(), spec.query(), spec.inputs(), pattern instanceof String text ? Edn.read(text) : pattern);
  }

  /** Its name. */
  public String name() {
    return spec.name();
  }

  /** As it travels. */
  public ScopeSpec spec() {
    return spec;
  }

  /** One that has travelled. */
  public static Scope of(ScopeSpec spec) {
    return new Scope(Objects.requireNonNull(spec, "spec"));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Scope scope && scope.spec.equals(spec);
  }

  @Override
  public int hashCode() {
    return spec.hashCode();
  }

  @Override
  public String toString() {
    return Edn.write(spec.toData());
  }
}
