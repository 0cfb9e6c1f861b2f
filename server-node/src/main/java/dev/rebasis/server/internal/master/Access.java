package dev.rebasis.server.internal.master;

import datomic.Database;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Bootstrap;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Unique;
import dev.rebasis.protocol.Intent;
import dev.rebasis.server.access.AccessRules.Role;
import dev.rebasis.server.access.User;
import dev.rebasis.server.access.WriteRule;
import dev.rebasis.server.internal.scope.HiddenAttributes;
import dev.rebasis.server.internal.scope.PartRule;
import dev.rebasis.server.internal.scope.Sight;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What one user's transactions may hold. Immutable.
 *
 * <p>What a user does not see must not be named at all: an upsert, a lookup ref, a comparison or a unique check on a hidden
 * attribute would tell by its outcome what is there. So forms that name a hidden attribute are refused before anything is
 * looked up, with words that are the same whatever the database holds.
 */
public final class Access {
  /** May do everything. */
  public static final Access ALL = new Access(null, Role.ALL);

  /** The role of those who look after the database. */
  public static final String OPERATOR = "operator";

  private final User user;
  private final Role role;
  private final boolean takesUp;

  /** What a user may do. */
  public Access(User user, Role role) {
    this(user, role, false);
  }

  private Access(User user, Role role, boolean takesUp) {
    this.user = user;
    this.role = role;
    this.takesUp = takesUp;
  }

  /** The same user, who takes up what somebody else had wanted: by the own rules, but the words are another's. */
  public Access takingUp() {
    return new Access(user, role, true);
  }

  /** Whether the user may retry what another user had pushed. */
  boolean mayTakeUp() {
    return takesUp;
  }

  /** Whether the user looks after the database: has the role, or is anybody where nobody has a name. */
  public boolean isOperator() {
    return user == null || user.roles().contains(OPERATOR);
  }

  /** Whether the user may ask for facts to be destroyed. In another's words nobody may. */
  boolean mayExcise() {
    return isOperator() && !takesUp;
  }

  /** The user's name, null for one without. */
  public String userName() {
    return user == null ? null : user.name();
  }

  /** Whether the token that the user came with is good no more. */
  public boolean isExpired(Instant now) {
    return user != null && user.expires() != null && now.isAfter(user.expires());
  }

  /** The user, or null. */
  public User user() {
    return user;
  }

  /** The attributes that the user does not see. */
  public Set<Keyword> hidden() {
    return role.hidden();
  }

  /** What the user may see, null for everything but hidden attributes. */
  public List<Sight> readable() {
    return role.readable() == null ? null : role.readable().stream().map(rule -> Sight.of(rule, user)).toList();
  }

  /** Whether nothing is kept from the user. */
  public boolean seesEverything() {
    return role.hidden().isEmpty() && role.readable() == null;
  }

  /** All that the user may see. */
  PartRule sight() {
    return new PartRule(null, readable(), role.hidden());
  }

  /** Whether the user may give out new values of a unique attribute without seeing all of them. */
  boolean mayGiveOut(Keyword attribute) {
    return role.unique().contains(attribute);
  }

  /** Why forms may not even be looked at, or null. Looks at no data. */
  String refusalOfForms(Intent intent, Schema schema) {
    if (role.writable() != null && role.writable().isEmpty()) {
      return "This user may not write anything.";
    }
    if (seesEverything()) {
      return null;
    }
    if (!intent.terms().premises().isEmpty()) {
      return "A user who does not see everything cannot state premises, which are queries.";
    }
    if (role.hidden().isEmpty()) {
      return null;
    }
    Set<Object> names = new HashSet<>();
    for (Keyword hidden : role.hidden()) {
      names.add(hidden);
      names.add(Keyword.of(":" + (hidden.namespace() == null ? "" : hidden.namespace() + "/") + "_" + hidden.name()));
      Long id = schema.entid(hidden);
      if (id != null) {
        names.add(id);
        // Former names of the attribute name it as well.
        Attribute attribute = schema.attribute(id);
        if (attribute != null) {
          names.add(attribute.ident());
        }
      }
    }
    return mentions(intent.forms(), names, schema)
        || !intent.terms().isNone() && mentions(intent.terms().toData(), names, schema)
        ? "It names an attribute that this user may not use." : null;
  }

  /** Names by keyword anywhere; numbers only where an attribute can stand, since they may be mere numbers elsewhere. */
  private static boolean mentions(Object form, Set<Object> names, Schema schema) {
    if (form instanceof Keyword keyword) {
      return names.contains(keyword) || isAliasOf(keyword, names, schema);
    }
    if (form instanceof Map<?, ?> map) {
      return map.entrySet().stream().anyMatch(
          entry -> isAttribute(entry.getKey(), names) || mentions(entry.getKey(), names, schema)
              || mentions(entry.getValue(), names, schema));
    }
    if (form instanceof List<?> list) {
      boolean operation = list.size() > 2 && list.get(0) instanceof Keyword && isAttribute(list.get(2), names);
      boolean lookup = list.size() == 2 && isAttribute(list.get(0), names);
      return operation || lookup || list.stream().anyMatch(element -> mentions(element, names, schema));
    }
    return form instanceof Iterable<?> several && contains(several, names, schema);
  }

  private static boolean contains(Iterable<?> several, Set<Object> names, Schema schema) {
    for (Object one : several) {
      if (mentions(one, names, schema)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isAttribute(Object place, Set<Object> names) {
    return place instanceof Long id && names.contains(id);
  }

  private static boolean isAliasOf(Keyword keyword, Set<Object> names, Schema schema) {
    Long id = schema.entid(keyword);
    return id != null && names.contains(id);
  }

  /** Why what a transaction would change may not be changed, or null. */
  String refusalOfDatoms(List<Datom> datoms, Schema schema) {
    if (!mayChangeSchema() && datoms.stream().anyMatch(Access::isOfSchema)) {
      return takesUp ? "It would change attributes and names, in another's words. Make that change yourself, and discard this."
          : "This user may not change attributes and names. Ask the operator to.";
    }
    if (role.hidden().isEmpty() && role.writable() == null) {
      return null;
    }
    Set<Long> hidden = HiddenAttributes.of(role.hidden(), schema);
    for (Datom datom : datoms) {
      Keyword attribute = schema.ident(datom.a());
      if (hidden.contains(datom.a()) || hidden.contains(datom.e()) || isOfHiddenUnique(datom, hidden, schema)) {
        return "It would change what this user may not use.";
      }
      if (role.writable() != null && !role.writable().contains(attribute)) {
        return "This user may not write " + attribute + ".";
      }
    }
    return null;
  }

  /**
   * Every rule is said in attributes, so who is bound by one could change what it means: with another component more is seen, with
   * another name a query reads something else. A list of what may be written names these attributes too, or does not.
   */
  private boolean mayChangeSchema() {
    return isOperator() && !takesUp || role.writable() != null || seesEverything() && role.rules().isEmpty();
  }

  private static boolean isOfSchema(Datom datom) {
    return EntityIds.isSchema(datom.e()) || datom.a() != SystemIds.DB_DOC && Bootstrap.schema().attribute(datom.a()) != null;
  }

  /** Whether a fact is a part of a unique tuple that is hidden: to accept it would tell that nobody has the tuple. */
  private static boolean isOfHiddenUnique(Datom datom, Set<Long> hidden, Schema schema) {
    return !hidden.isEmpty() && schema.compositesOf(datom.a()).stream()
        .anyMatch(tuple -> tuple.unique() != Unique.NONE && hidden.contains(tuple.id()));
  }

  /** Why the rules refuse a transaction, or null. The database after it is made only if there is a rule. */
  String refusalOfResult(Database before, Supplier<Database> after, List<Datom> datoms) {
    if (role.rules().isEmpty()) {
      return null;
    }
    Database result = after.get();
    for (WriteRule rule : role.rules()) {
      String refusal = result == null ? null : rule.refusal(user, before, result, datoms);
      if (refusal != null) {
        return refusal;
      }
    }
    return null;
  }
}
