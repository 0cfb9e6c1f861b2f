package dev.rebasis.client.internal.core;

import dev.rebasis.client.TransactionOptions;
import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.conflict.Decider;
import dev.rebasis.conflict.IntentBuilder;
import dev.rebasis.conflict.Rules;
import dev.rebasis.data.Attribute;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.Terms.PolicyRef;
import dev.rebasis.protocol.Terms;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** The terms of a transaction as it is made: its options with the client's own policies. Immutable. */
final class TermsBuilder {
  private final Rules rules;
  private final Map<Keyword, PolicyRef> ofClient;
  private final Premises premises;

  /** Checks that the client's policies are known. */
  TermsBuilder(Rules rules, Map<Keyword, PolicyRef> ofClient, Premises premises) {
    this.rules = rules;
    this.ofClient = ofClient;
    this.premises = premises;
    check(ofClient.values());
  }

  private void check(Iterable<PolicyRef> asked) {
    TransactionException unknown = Decider.unknownPolicy(asked, rules);
    if (unknown != null) {
      throw unknown;
    }
  }

  /** Throws if a policy is not known here, or if its attribute is not, or is of a type that it cannot have. */
  void check(Map<Keyword, PolicyRef> asked, Schema schema) {
    check(asked.values());
    TransactionException unfit = Decider.unfitPolicy(asked, schema, rules);
    if (unfit != null) {
      throw unfit;
    }
  }

  /**
   * The terms.
   *
   * @param forms the completed forms: of the client's policies only those of attributes that they name are of interest,
   *     or all if a function is called
   */
  Terms of(TransactionOptions options, List<Object> forms, DatabaseValue before) {
    if (options == TransactionOptions.DEFAULT && ofClient.isEmpty()) {
      return Terms.NONE;
    }
    check(options.policies(), before.schema());
    Map<Keyword, PolicyRef> policies = new HashMap<>();
    if (!ofClient.isEmpty()) {
      Set<Keyword> named = new HashSet<>();
      boolean calls = collect(forms, named);
      ofClient.forEach((attribute, policy) -> {
        if (calls || named.contains(attribute) || isNamedOtherwise(attribute, named, before.schema())) {
          policies.put(attribute, policy);
        }
      });
    }
    policies.putAll(options.policies());
    List<Terms.Premise> all = new ArrayList<>();
    for (TransactionOptions.Premise premise : options.premises()) {
      Object query = premise.query() instanceof String text ? Edn.read(text) : premise.query();
      all.add(premises.answered(query, premise.inputs(), before));
    }
    return new Terms(policies, List.of(), all, List.of(), null, options.notAfter(), null);
  }

  /** Whether the attribute is meant by another of its names, for it was renamed. */
  private static boolean isNamedOtherwise(Keyword ident, Set<Keyword> named, Schema schema) {
    Attribute attribute = schema.attribute(ident);
    return attribute != null && named.stream().map(schema::attribute)
        .anyMatch(meant -> meant != null && meant.id() == attribute.id());
  }

  /**
   * The terms of a transaction that takes up another one again, its premises answered anew.
   *
   * @param passed the last instant that counts as passed
   */
  Terms again(Terms old, UUID id, DatabaseValue before, Instant passed) {
    List<Terms.Premise> all = new ArrayList<>();
    old.premises().forEach(premise -> all.add(premises.again(premise, before)));
    return old.retrying(id).withoutPassedInstant(passed).withPremises(all);
  }

  /** Collects the keywords; true if a form is a call of a function. */
  private static boolean collect(Object form, Set<Keyword> named) {
    boolean calls = false;
    if (form instanceof Keyword keyword) {
      named.add(keyword);
    } else if (form instanceof Map<?, ?> map) {
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        collect(entry.getKey(), named);
        collect(entry.getValue(), named);
      }
    } else if (form instanceof Iterable<?> several) {
      for (Object one : several) {
        calls |= one instanceof List<?> list && !list.isEmpty() && list.get(0) instanceof Keyword name
            && IntentBuilder.mayBeFunction(name);
        collect(one, named);
      }
    }
    return calls;
  }
}
