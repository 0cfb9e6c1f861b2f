package dev.rebasis.simulations.real;

import dev.rebasis.client.Durability;
import dev.rebasis.client.SyncClient;
import dev.rebasis.client.internal.core.ClientCore;
import dev.rebasis.client.internal.log.ClientLog;
import dev.rebasis.client.internal.log.StoreFiles;
import dev.rebasis.conflict.Rules;
import dev.rebasis.executor.InlineExecutor;
import dev.rebasis.protocol.Intent;
import dev.rebasis.server.internal.master.EmbeddedMaster;
import dev.rebasis.server.internal.master.MasterSetup;
import dev.rebasis.simulations.check.Audit;
import dev.rebasis.simulations.check.Finding;
import dev.rebasis.simulations.check.KeptRecords;
import dev.rebasis.simulations.check.LocalWrite;
import dev.rebasis.simulations.check.Promise;
import dev.rebasis.simulations.check.Pushed;
import dev.rebasis.simulations.check.Replicas;
import dev.rebasis.simulations.check.ScopeContents;
import dev.rebasis.simulations.workload.Workload;
import dev.rebasis.simulations.world.ServerFacts;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** The checks of simulations on the stores that real processes have left in a folder when all have ended. */
final class LeftLogs {
  private LeftLogs() {}

  /**
   * Checks the logs that processes have left, each opened anew in this process.
   *
   * @param lost by each client, how many transactions may be on the server of which nobody heard
   * @param judged told whether the workload was asked if all ended as its operations say, or why not
   */
  static List<Finding> check(
      Path folder, Workload workload, List<LocalWrite> writes, Map<String, Integer> lost, Consumer<String> judged) {
    List<Finding> findings = new ArrayList<>();
    Path log = folder.resolve("server").resolve("log");
    InlineExecutor inline = new InlineExecutor();
    EmbeddedMaster master = EmbeddedMaster.open(new MasterSetup(log.toString(), log + ".mv.db", Clock.systemUTC(),
        UUID::randomUUID, inline, inline, failed -> {
          throw failed;
        }, (done, total) -> { }));
    try {
      ServerFacts facts = ServerFacts.of(master);
      boolean audited = false;
      Pushed pushed = pushed(folder, writes);
      for (String name : lost.keySet()) {
        try (SyncClient client = SyncClient.builder().store(folder.resolve(name)).open()) {
          findings.addAll(contents(name, client, facts, master, writes));
          ((ClientCore) client).audit().forEach(difference ->
              findings.add(new Finding(Promise.SOUNDNESS, "inside of " + name + ": " + difference)));
          findings.addAll(KeptRecords.check(name, client, writes, facts));
          workload.wrong(client.db()).forEach(wrong -> findings.add(new Finding(Promise.MONOTONIC, name + ": " + wrong)));
          workload.invariants().stream()
              .filter(invariant -> !((Collection<?>) client.confirmed().q(invariant.query())).isEmpty())
              .forEach(broken -> findings.add(new Finding(Promise.INTENTION, broken.name() + " does not hold on " + name)));
          if (!audited && client.scopes() == null) {
            audited = true;
            findings.addAll(Audit.check(writes, lost, pushed, Map.of(), List.of(), facts, workload, client.confirmed(), judged));
          }
        }
      }
    } finally {
      master.close();
    }
    return findings;
  }

  private static List<Finding> contents(
      String name, SyncClient client, ServerFacts facts, EmbeddedMaster master, List<LocalWrite> writes) {
    if (client.scopes() == null) {
      return Replicas.compare(name, client.confirmed(), facts);
    }
    Set<UUID> others = writes.stream().filter(write -> !write.client().equals(name)).map(LocalWrite::id)
        .collect(Collectors.toSet());
    return ScopeContents.compare(name, client.confirmed(), client.scopes(), facts, master.database(), id -> !others.contains(id));
  }

  /** What the clients pushed, as their stores keep it: nothing of what the server says is believed. */
  private static Pushed pushed(Path folder, List<LocalWrite> writes) {
    Map<UUID, Set<Intent>> intents = new HashMap<>();
    Map<String, List<LocalWrite>> byClient = new LinkedHashMap<>();
    writes.forEach(write -> byClient.computeIfAbsent(write.client(), made -> new ArrayList<>()).add(write));
    byClient.forEach((name, own) -> {
      try (ClientLog log = ClientLog.open(StoreFiles.folder(folder.resolve(name)), Durability.POWER_LOSS, UUID::randomUUID)) {
        for (LocalWrite write : own) {
          // Under which number it was pushed nobody knows of what a backup may have brought back.
          Intent intent = write.isReturnAllowed() ? null : log.reads().decided(write.id());
          if (intent != null) {
            intents.put(write.id(), Set.of(intent));
          }
        }
      }
    });
    return new Pushed(intents, Map.of(), Rules.BUILT_IN);
  }
}
