package dev.rebasis.server.access;

import dev.rebasis.data.Keyword;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the users of each role may see and write. A user sees an attribute if one of the roles does, and may write one
 * if one of the roles may; each write rule of each role must hold. A role that is not named here, and a user without
 * roles, sees and writes nothing but what {@link #otherwise} says, by default nothing. Immutable; threads may share it.
 */
public final class AccessRules {
  /** No rules: everyone sees and writes everything. */
  public static final AccessRules NONE = new AccessRules(Map.of(), Role.ALL);

  /**
   * What users of one role may do. Immutable.
   *
   * @param hidden attributes that they do not see, cannot name and cannot write
   * @param writable attributes that they may write, null for all that are not hidden
   * @param rules what must hold of each of their transactions
   * @param readable which entities they see, each of these rules being enough; null for all
   * @param unique attributes of which they may give out new unique values though they do not see all entities, so that they
   *     learn whether a value is taken
   */
  public record Role(
      Set<Keyword> hidden, Set<Keyword> writable, List<WriteRule> rules, List<ReadRule> readable, Set<Keyword> unique) {
    /** May do everything. */
    public static final Role ALL = new Role(Set.of(), null, List.of());

    /** Sees all entities. */
    public Role(Set<Keyword> hidden, Set<Keyword> writable, List<WriteRule> rules) {
      this(hidden, writable, rules, null, Set.of());
    }

    /** Copies the collections. */
    public Role {
      readable = readable == null ? null : List.copyOf(readable);
      unique = Set.copyOf(unique);
      hidden = Set.copyOf(hidden);
      writable = writable == null ? null : Set.copyOf(writable);
      rules = List.copyOf(rules);
    }
  }

  private static final Set<Keyword> KEYS = Set.of(Keyword.of(":hide"), Keyword.of(":write"), Keyword.of(":rules"),
      Keyword.of(":read"), Keyword.of(":pull"), Keyword.of(":unique"));

  private final Map<String, Role> roles;
  private final Role otherwise;

  /**
   * Makes rules.
   *
   * @param roles by name
   * @param otherwise for users none of whose roles is named; null lets them in nowhere
   */
  public AccessRules(Map<String, Role> roles, Role otherwise) {
    this.roles = Map.copyOf(roles);
    this.otherwise = otherwise;
  }

  /**
   * Reads rules from EDN:
   *
   * <pre>{@code
   * {:roles {:sales  {:hide [:person/salary]}
   *          :reader {:write []}
   *          :region {:read "[:find ?o :in $ ?user :where [?o :order/owner ?u] [?u :user/name ?user]]"
   *                   :pull "[* {:order/customer [*]}]" :unique [:order/number]}
   *          :clerk  {:write [:order/note :order/quantity]
   *                   :rules [["[:find ?o :in $ $before ?user :where [?o :order/quantity ?q] [(< ?q 0)]]"
   *                            "A quantity is not negative."]]}}
   *  :otherwise {:write []}}
   * }</pre>
   *
   * @throws RebasisException {@code :rebasis.error/access-file} if it is of another shape
   */
  public static AccessRules parse(String edn) {
    if (!(Edn.read(edn) instanceof Map<?, ?> file) || !(file.get(Keyword.of(":roles")) instanceof Map<?, ?> named)) {
      throw wrong("it is not a map with a map of roles under :roles");
    }
    Map<String, Role> roles = new LinkedHashMap<>();
    named.forEach((name, role) -> roles.put(nameOf(name), role(role)));
    Object otherwise = file.get(Keyword.of(":otherwise"));
    return new AccessRules(roles, otherwise == null ? null : role(otherwise));
  }

  private static String nameOf(Object name) {
    if (name instanceof Keyword keyword) {
      return keyword.toString().substring(1);
    }
    if (name instanceof String text) {
      return text;
    }
    throw wrong("the name of a role is a keyword or a string, not " + Edn.write(name));
  }

  private static Role role(Object role) {
    if (!(role instanceof Map<?, ?> map)) {
      throw wrong("a role is a map, not " + Edn.write(role));
    }
    for (Object key : map.keySet()) {
      if (!KEYS.contains(key)) {
        throw wrong("a role has :hide, :write, :rules, :read, :pull and :unique, not " + Edn.write(key));
      }
    }
    Set<Keyword> hidden = attributes(map.get(Keyword.of(":hide")));
    Set<Keyword> writable = attributes(map.get(Keyword.of(":write")));
    List<WriteRule> rules = new ArrayList<>();
    if (map.get(Keyword.of(":rules")) instanceof List<?> list) {
      for (Object rule : list) {
        if (!(rule instanceof List<?> pair && pair.size() == 2 && pair.get(0) instanceof String query
            && pair.get(1) instanceof String message)) {
          throw wrong("a rule is a vector of a query and a message, both strings");
        }
        rules.add(WriteRule.query(query, message));
      }
    }
    Set<Keyword> unique = attributes(map.get(Keyword.of(":unique")));
    return new Role(hidden == null ? Set.of() : hidden, writable, rules, readable(map), unique == null ? Set.of() : unique);
  }

  private static List<ReadRule> readable(Map<?, ?> role) {
    Object read = role.get(Keyword.of(":read"));
    Object pull = role.get(Keyword.of(":pull"));
    if (read == null && pull == null) {
      return null;
    }
    if (!(read instanceof String query) || !(pull == null || pull instanceof String)) {
      throw wrong(":read is a query and :pull, which may be missing, a pull pattern, both strings");
    }
    return List.of(ReadRule.query(query, (String) pull));
  }

  private static Set<Keyword> attributes(Object list) {
    if (list == null) {
      return null;
    }
    Set<Keyword> attributes = new HashSet<>();
    if (list instanceof Collection<?> names) {
      for (Object name : names) {
        if (!(name instanceof Keyword keyword)) {
          throw wrong("an attribute is a keyword, not " + Edn.write(name));
        }
        attributes.add(keyword);
      }
      return attributes;
    }
    throw wrong(":hide and :write are vectors of attributes");
  }

  private static RebasisException wrong(String why) {
    return new RebasisException(Keyword.of(":rebasis.error/access-file"), ErrorCategory.FIX_REQUEST,
        "The access rules cannot be read: " + why + ".");
  }

  /**
   * What a user may do.
   *
   * @param user null for one without a name, who may do everything
   * @throws RebasisException {@code :rebasis.error/forbidden} if the user may not come in at all
   */
  public Role of(User user) {
    if (user == null || this == NONE) {
      return Role.ALL;
    }
    List<Role> own = user.roles().stream().filter(roles::containsKey).map(roles::get).toList();
    if (own.isEmpty()) {
      if (otherwise == null) {
        throw new RebasisException(Keyword.of(":rebasis.error/forbidden"), ErrorCategory.ASK_PERSON,
            "The user " + user.name() + " has no role that this database lets in. Ask its operator for one.");
      }
      return otherwise;
    }
    return own.stream().reduce(AccessRules::either).orElseThrow();
  }

  private static Role either(Role x, Role y) {
    Set<Keyword> hidden = new HashSet<>(x.hidden);
    hidden.retainAll(y.hidden);
    Set<Keyword> writable = null;
    if (x.writable != null && y.writable != null) {
      writable = new HashSet<>(x.writable);
      writable.addAll(y.writable);
    }
    List<WriteRule> rules = new ArrayList<>(x.rules);
    rules.addAll(y.rules);
    List<ReadRule> readable = null;
    if (x.readable != null && y.readable != null) {
      readable = new ArrayList<>(x.readable);
      readable.addAll(y.readable);
    }
    Set<Keyword> unique = new HashSet<>(x.unique);
    unique.addAll(y.unique);
    return new Role(hidden, writable, rules, readable, unique);
  }
}
