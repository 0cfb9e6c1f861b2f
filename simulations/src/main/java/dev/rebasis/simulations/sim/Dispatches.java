package dev.rebasis.simulations.sim;

import dev.rebasis.data.Transaction;
import dev.rebasis.protocol.Message;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

/** Messages in a few words, for traces: writes by their labels, transactions by their Ts. */
final class Dispatches {
  private Dispatches() {}

  static String text(Message message, Map<UUID, Integer> labels) {
    if (message instanceof Message.Hello hello) {
      return "hello at T " + hello.t();
    } else if (message instanceof Message.Welcome welcome) {
      return "welcome at T " + welcome.basisT();
    } else if (message instanceof Message.Push push) {
      return "push " + push.intents().stream().map(intent -> label(intent.id(), labels)).collect(Collectors.joining(" "));
    } else if (message instanceof Message.Outcomes outcomes) {
      return "outcomes " + outcomes.outcomes().stream().map(outcome -> label(outcome.id(), labels) + " "
          + (outcome.duplicate() ? "again " : "") + outcome.kind().ident().name() + " at T " + outcome.t())
          .collect(Collectors.joining(", "));
    } else if (message instanceof Message.Transactions sent) {
      List<Transaction> all = sent.transactions();
      return "transactions after T " + sent.follows() + " up to " + all.get(all.size() - 1).t() + " (" + all.size() + ")";
    } else if (message instanceof Message.Failed failed) {
      return "error " + failed.code();
    } else if (message instanceof Message.Bye bye) {
      return "bye (" + bye.reason() + ")";
    }
    return message.type();
  }

  private static String label(UUID id, Map<UUID, Integer> labels) {
    Integer label = labels.get(id);
    return label == null ? "?" : label.toString();
  }
}
