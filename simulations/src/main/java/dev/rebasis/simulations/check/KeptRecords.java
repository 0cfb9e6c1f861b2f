package dev.rebasis.simulations.check;

import dev.rebasis.client.ConflictRecord;
import dev.rebasis.client.Outcome;
import dev.rebasis.client.SyncClient;
import dev.rebasis.conflict.Conflict;
import dev.rebasis.simulations.world.ServerFacts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;

/**
 * What a client that has caught up keeps of its own transactions: each of those that were not simply accepted is among its
 * conflicts, with the outcome and the values that it was told, whatever crashed, was loaded anew or restored on the server
 * since; and of each it knows what became of it. Confined to one use.
 */
public final class KeptRecords {
  private final String client;
  private final List<Finding> findings = new ArrayList<>();

  private KeptRecords(String client) {
    this.client = client;
  }

  /**
   * Compares.
   *
   * @param name the client's name
   * @param client the running client, without anything pending
   * @param writes everything that was written, on all clients
   * @param server what the server holds
   * @return what is missing
   */
  public static List<Finding> check(String name, SyncClient client, List<LocalWrite> writes, ServerFacts server) {
    KeptRecords kept = new KeptRecords(name);
    Map<UUID, ConflictRecord> records = new HashMap<>();
    client.conflicts().forEach(record -> records.put(record.id(), record));
    ServerLog log = new ServerLog(server);
    for (LocalWrite write : writes) {
      if (write.client().equals(name) && write.isHeld()) {
        kept.compare(write, records.get(write.id()), log.of(write.id()));
      }
    }
    return kept.findings;
  }

  private void compare(LocalWrite write, ConflictRecord record, List<LoggedTransaction> logged) {
    Outcome told = write.outcome();
    String became = told != null ? told.kind().ident().name() : logged.isEmpty() ? null : logged.get(0).outcome();
    if (became == null || became.equals("accepted")) {
      return;
    }
    if (record == null) {
      report(write, became + ", and its client keeps no record of that");
    } else if (!record.outcome().kind().ident().name().equals(became)) {
      report(write, became + ", and its client keeps that it was " + record.outcome().kind().ident().name());
    } else if (told != null && (!told.conflicts().isEmpty() && !texts(told).equals(texts(record.outcome()))
        || told.code() != null && !told.code().equals(record.outcome().code()))) {
      report(write, became + " with " + told.code() + " " + texts(told) + ", and its client keeps " + record.outcome().code()
          + " " + texts(record.outcome()));
    }
  }

  private void report(LocalWrite write, String what) {
    findings.add(new Finding(Promise.NOTHING_LOST, write + " was " + what + " (" + client + ")"));
  }

  /** Without entities: those that were made here get the server's ids in time. */
  private static TreeSet<String> texts(Outcome outcome) {
    TreeSet<String> texts = new TreeSet<>();
    for (Conflict conflict : outcome.conflicts()) {
      texts.add(conflict.kind() + " of " + conflict.attribute() + " by " + conflict.policy());
    }
    return texts;
  }
}
