package dev.rebasis.client.internal.core;

import dev.rebasis.client.TransactionOptions;
import dev.rebasis.client.internal.db.DatabaseValue;
import dev.rebasis.conflict.IntentBuilder;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Terms;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Makes what a program hands to {@code transact} into intents. Immutable. */
final class FreshTransactions {
  private final TermsBuilder terms;

  FreshTransactions(TermsBuilder terms) {
    this.terms = terms;
  }

  /** One transaction. */
  Making one(Object forms, TransactionOptions options) {
    return (before, numbers) -> intent(forms, options, null, before, numbers);
  }

  /**
   * Several of which all are committed or none.
   *
   * @param group an id of their own
   */
  List<Making> together(UUID group, List<Object> all, TransactionOptions options) {
    List<Making> makings = new ArrayList<>();
    for (Object forms : all) {
      Terms.Group place = new Terms.Group(group, all.size(), makings.size());
      makings.add((before, numbers) -> intent(forms, options, place, before, numbers));
    }
    return makings;
  }

  private Intent intent(
      Object forms, TransactionOptions options, Terms.Group group, DatabaseValue before, Making.Numbers numbers) {
    IntentBuilder.Completed completed = IntentBuilder.complete(forms, before.schema(), numbers::nextLocal);
    Terms found = terms.of(options, completed.forms(), before);
    return new Intent(numbers.newId(), numbers.seq(), before.basisT(), numbers.now(), completed.forms(),
        completed.tempids(), group == null ? found : found.withGroup(group));
  }
}
