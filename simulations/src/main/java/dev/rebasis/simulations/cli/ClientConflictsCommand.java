package dev.rebasis.simulations.cli;

import dev.rebasis.client.ConflictFilter;
import dev.rebasis.client.ConflictRecord;
import dev.rebasis.client.SyncClient;
import dev.rebasis.data.Keyword;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code rebasis client conflicts}. */
@Command(
    name = "conflicts",
    mixinStandardHelpOptions = true,
    description = "Lists the transactions of this store that were merged, parked or rejected, oldest first:"
        + " number, id, forms, what became of them, and each fact on which two writers met.")
final class ClientConflictsCommand extends StoreCommand {
  @Option(names = "--attribute", paramLabel = "IDENT", description = "Only those with a conflict about this attribute.")
  private String attribute;

  @Option(names = "--entity", paramLabel = "ID", description = "Only those with a conflict about this entity.")
  private Long entity;

  @Option(
      names = "--since",
      paramLabel = "INSTANT",
      description = "Only what the server decided then or later, for example 2024-05-06T07:08:09Z.")
  private Instant since;

  @Option(
      names = "--state",
      paramLabel = "STATE",
      description = "Only those that stand so: ${COMPLETION-CANDIDATES}. May be given several times.")
  private Set<ConflictRecord.State> states = EnumSet.noneOf(ConflictRecord.State.class);

  @Override
  void check() {
    super.check();
    if (attribute != null && !attribute.startsWith(":")) {
      throw wrong("--attribute takes an attribute's ident, such as :order/note, and not '" + attribute + "'.");
    }
  }

  @Override
  int run(SyncClient client, PrintWriter out) {
    options().catchUp(client);
    List<ConflictRecord> records = client.conflicts(
        new ConflictFilter(attribute == null ? null : Keyword.of(attribute), entity, since, states)).toList();
    records.forEach(record -> ClientPrinter.print(out, client, record));
    out.println(records.size() + " merged, parked or rejected");
    return 0;
  }
}
