package dev.rebasis.client.internal.pull;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.rebasis.client.QueryException;
import dev.rebasis.client.internal.db.DatomSource;
import dev.rebasis.client.internal.db.FormCopy;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.edn.Edn;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Answers pulls, as Datomic does. Thread-safe: callers should share it, since it remembers parsed patterns. */
public final class PullEngine {
  private static final int PATTERNS_MAX = 1_000;

  // No executor of its own: eviction is done by whoever happens to call.
  private final Cache<Object, PullPattern> parsed =
      Caffeine.newBuilder().maximumSize(PATTERNS_MAX).executor(Runnable::run).build();
  private final PullParser parser;

  /**
   * Makes an engine.
   *
   * @param transforms finds the functions that patterns name with {@code :xform}
   */
  public PullEngine(Transforms transforms) {
    this.parser = new PullParser(transforms);
  }

  /**
   * Pulls one entity.
   *
   * @param datoms where to read
   * @param pattern EDN text, or the same as a {@code List} in the types that {@code Edn} gives
   * @param e the entity's id; null for one that does not exist
   * @param name what the entity was named by, its id or another name: recursion knows it again by this name alone, as Datomic's does
   * @return an unmodifiable map by attribute (a {@link Keyword}, unless the pattern says otherwise), or null if the
   *     entity has nothing that the pattern asks for
   * @throws QueryException if the pattern is wrong
   */
  public Map<Object, Object> pull(DatomSource datoms, Object pattern, Long e, Object name) {
    return pull(datoms, pattern, e, name, () -> {});
  }

  /**
   * The same, for a pull that can be given up.
   *
   * @param look called for each fact that is met; what it throws ends the pull
   */
  public Map<Object, Object> pull(DatomSource datoms, Object pattern, Long e, Object name, Runnable look) {
    return new Puller(datoms, look).pull(parse(pattern), e, name);
  }

  /**
   * Checks a pattern, as {@link #pull} would.
   *
   * @throws QueryException if the pattern is wrong
   */
  public void check(Object pattern) {
    parse(pattern);
  }

  /**
   * The ids of the attributes whose facts a pull by the pattern can show.
   *
   * @return null if it can show those of any attribute: for a wildcard, and for components, which come with all they have
   * @throws QueryException if the pattern is wrong
   */
  public Set<Long> attributes(Object pattern, Schema schema) {
    Set<Long> attributes = new HashSet<>();
    return addAttributes(parse(pattern), schema, attributes) ? attributes : null;
  }

  private static boolean addAttributes(PullPattern pattern, Schema schema, Set<Long> attributes) {
    boolean known = !pattern.wildcard();
    for (PullPattern.Spec spec : pattern.specs()) {
      Attribute attribute = schema.attribute(spec.attribute());
      if (attribute != null) {
        attributes.add(attribute.id());
        known &= spec.nested() == null ? spec.reverse() || !attribute.component() : attribute.isRef(); // a plain value names by what it likes
      }
      known &= !(spec.nested() instanceof PullPattern.Sub sub) || addAttributes(sub.pattern(), schema, attributes);
    }
    return known;
  }

  private PullPattern parse(Object pattern) {
    PullPattern known = pattern == null ? null : parsed.getIfPresent(pattern);
    if (known != null) {
      return known;
    }
    Object key = FormCopy.of(pattern);
    PullPattern made = parser.parse(key instanceof String text ? Edn.read(text) : key);
    parsed.put(key, made);
    return made;
  }
}
