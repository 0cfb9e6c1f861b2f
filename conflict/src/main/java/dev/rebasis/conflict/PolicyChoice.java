package dev.rebasis.conflict;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.protocol.RebasisSchema;
import dev.rebasis.protocol.Terms;
import dev.rebasis.protocol.Terms.PolicyRef;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Which policy settles a conflict about an attribute: the one that the transaction asks for (its client's are among
 * them) if it may, else the schema's ({@code :rebasis/policy}), else the default of the kind of conflict. What takes
 * another transaction back never has the last word on what others did since: where the later one would simply win,
 * theirs stays, and no operator's list can refuse that, since it gives a client nothing. Confined to one decision.
 */
final class PolicyChoice {
  private final Rules rules;
  private final Terms terms;
  private final FactView view;

  PolicyChoice(Rules rules, Terms terms, FactView view) {
    this.rules = rules;
    this.terms = terms;
    this.view = view;
  }

  /** Whether the transaction takes another one back, which gives way to whatever was written since, the same value again too. */
  boolean givesWay() {
    return terms.undoes() != null;
  }

  /** The policy that was chosen for the attribute, or null if nobody chose one. */
  Policy of(Attribute attribute) {
    Policy chosen = chosen(attribute);
    boolean laterWins = chosen == null || BuiltInPolicy.LATER_WINS.contains(chosen);
    return terms.undoes() != null && laterWins ? BuiltInPolicy.SERVER_WINS : chosen;
  }

  private Policy chosen(Attribute attribute) {
    PolicyRef instead = named(attribute, rules.instead());
    if (instead != null && rules.knows(instead)) {
      return rules.policy(instead.name());
    }
    PolicyRef asked = named(attribute, terms.policies());
    if (asked != null && rules.mayAsk(asked)) {
      return rules.policy(asked.name());
    }
    Keyword name = ofSchema(attribute);
    if (name == null) {
      return null;
    }
    Policy policy = rules.policy(name);
    return policy == null ? new UnknownPolicy(name) : policy;
  }

  /** What is said about the attribute, by its name or by one that it had when that was written. */
  private PolicyRef named(Attribute attribute, Map<Keyword, PolicyRef> policies) {
    PolicyRef policy = policies.get(attribute.ident());
    if (policy != null) {
      return policy;
    }
    for (Map.Entry<Keyword, PolicyRef> entry : policies.entrySet()) {
      Attribute meant = view.schema().attribute(entry.getKey());
      if (meant != null && meant.id() == attribute.id()) {
        return entry.getValue();
      }
    }
    return null;
  }

  private Keyword ofSchema(Attribute attribute) {
    Long policyAttribute = view.schema().entid(RebasisSchema.POLICY);
    if (policyAttribute == null) {
      return null;
    }
    Iterator<Datom> found = view.datoms(IndexOrder.EAVT, attribute.id(), policyAttribute).iterator();
    return found.hasNext() ? (Keyword) found.next().v() : null;
  }

  /** Whether a datom says which policy an attribute has: whoever changes it may change every decision. */
  static boolean isAboutPolicies(Datom datom, Schema schema) {
    Long policyAttribute = schema.entid(RebasisSchema.POLICY);
    return policyAttribute != null && datom.a() == policyAttribute;
  }

  /** Checks the policies that a transaction gives to attributes. */
  static void check(List<Datom> datoms, Situation situation) {
    Schema before = situation.view().schema();
    for (Datom datom : datoms) {
      if (datom.added() && isAboutPolicies(datom, before)) {
        check((Keyword) datom.v(), before.with(datoms).attribute(datom.e()), datom, situation);
      }
    }
  }

  private static void check(Keyword name, Attribute attribute, Datom datom, Situation situation) {
    Policy policy = situation.rules().policy(name);
    boolean foreign = situation.rules().leavesUnknownToServer() && !BuiltInPolicy.NAMESPACE.equals(name.namespace());
    if (policy == null && !foreign) {
      situation.problems().add(unknown(name));
      return;
    }
    String why = attribute == null ? "The entity " + datom.e() + " is no attribute."
        : policy == null ? null : policy.unfit(attribute);
    if (why != null) {
      situation.problems().add(Problem.reject(Codes.POLICY_UNFIT, "The policy " + name + " cannot be set: " + why,
          Problem.POLICY, name, Problem.ENTITY, datom.e()));
    }
  }

  /** The policies that an author asks for and that cannot be meant, as a rejection; null if all can. */
  static Problem unknownAmong(Iterable<PolicyRef> asked, Rules rules) {
    for (PolicyRef policy : asked) {
      if (!rules.knows(policy)) {
        return unknown(policy.name());
      }
    }
    return null;
  }

  /** The first of the policies that cannot be its attribute's, as a rejection; null if all can. */
  static Problem unfitAmong(Map<Keyword, PolicyRef> asked, Schema schema, Rules rules) {
    for (Map.Entry<Keyword, PolicyRef> one : asked.entrySet()) {
      Keyword name = one.getValue().name();
      Attribute attribute = schema.attribute(one.getKey());
      Policy policy = rules.policy(name);
      String why = attribute == null ? "There is no attribute " + one.getKey() + ". Mend its name."
          : policy == null ? null : policy.unfit(attribute);
      if (why != null) {
        return Problem.reject(Codes.POLICY_UNFIT, "The policy " + name + " cannot be asked for: " + why,
            Problem.POLICY, name, Problem.ATTRIBUTE, one.getKey());
      }
    }
    return null;
  }

  private static Problem unknown(Keyword name) {
    return Problem.reject(Codes.POLICY_UNKNOWN, "There is no policy " + name + " here. Mend its name, or register it;"
        + " Rebasis's own are " + BuiltInPolicy.all() + ".", Problem.POLICY, name);
  }

  /** One that only others know: a client predicts that a person has to decide. */
  private record UnknownPolicy(Keyword ident) implements Policy {
    @Override
    public Resolved resolve(Meeting meeting) {
      return new Resolved.Failed("The policy " + ident + " is not registered here.");
    }

    @Override
    public boolean worksFromBase() {
      return true;
    }

    @Override
    public String unfit(Attribute attribute) {
      return null;
    }
  }
}
