package dev.rebasis.simulations.scenario;

import datomic.Peer;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Transaction;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.RebasisSchema;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.simulations.world.ServerFacts;
import dev.rebasis.simulations.world.World;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The steps that begin with {@code server}. Confined. */
final class ServerCommands {
  private final World world;
  private final Printer printer = new Printer("server");
  private final Map<UUID, String> clientNames = new HashMap<>();

  ServerCommands(World world) {
    this.world = world;
  }

  /** Remembers which client has which store. */
  void named(UUID store, String client) {
    clientNames.put(store, client);
  }

  List<String> run(Words words) {
    String verb = words.next();
    switch (verb) {
      case "start", "restart" -> world.server().start();
      case "stop" -> world.server().stop();
      case "backup" -> world.server().backup(words.next());
      case "restore" -> {
        String backup = words.next();
        boolean noted = words.isEmpty();
        if (!noted) {
          words.expect("unnoted");
        }
        world.server().restore(backup, noted);
      }
      case "replace" -> world.server().replaceDisk();
      case "transact" -> {
        return transact(words.rest());
      }
      case "repeat" -> {
        return repeat(words);
      }
      case "db" -> {
        return printer.result(Peer.query(words.rest(), world.server().master().database()));
      }
      case "datoms" -> {
        return datoms();
      }
      case "log" -> {
        return log();
      }
      default -> throw new IllegalArgumentException("the server has no step: " + verb);
    }
    return List.of();
  }

  private List<String> transact(String edn) {
    Master.Transacted done = world.server().transact((List<?>) Edn.read(edn));
    Map<String, Long> tempids = new HashMap<>(done.tempids());
    tempids.remove(Intent.TX_TEMPID);
    return List.of("ok " + printer.t(done.transaction().t()) + (tempids.isEmpty() ? "" : " " + printer.tempids(tempids)));
  }

  private List<String> repeat(Words words) {
    int times = Integer.parseInt(words.next());
    String text = words.rest();
    for (int i = 1; i <= times; i++) {
      transact(text.replace("#", Integer.toString(i)));
    }
    return List.of("ok " + times);
  }

  private List<String> datoms() {
    ServerFacts facts = ServerFacts.of(world.server().master());
    return facts.current().stream().filter(datom -> UserFacts.isUsers(datom, facts.schema()))
        .map(datom -> printer.datom(datom, facts.schema())).toList();
  }

  private List<String> log() {
    ServerFacts facts = ServerFacts.of(world.server().master());
    Map<Long, String> names = namesByNumber(facts);
    List<String> lines = new ArrayList<>();
    for (Transaction transaction : facts.transactions()) {
      String line = line(transaction, facts.schema(), names);
      if (line != null) {
        lines.add(line);
      }
    }
    return lines;
  }

  private Map<Long, String> namesByNumber(ServerFacts facts) {
    Map<Long, String> nameByEntity = new HashMap<>();
    Map<Long, String> names = new HashMap<>();
    for (Datom datom : facts.current()) {
      if (facts.schema().ident(datom.a()) == RebasisSchema.CLIENT_STORE) {
        nameByEntity.put(datom.e(), clientNames.get((UUID) datom.v()));
      }
    }
    for (Datom datom : facts.current()) {
      if (facts.schema().ident(datom.a()) == RebasisSchema.CLIENT_NUMBER) {
        names.put((Long) datom.v(), nameByEntity.get(datom.e()));
      }
    }
    return names;
  }

  /** Who, what became of it, and the users' datoms; null for what the server wrote for itself. */
  private String line(Transaction transaction, Schema schema, Map<Long, String> names) {
    Map<Keyword, Object> own = new HashMap<>();
    List<String> datoms = new ArrayList<>();
    for (Datom datom : transaction.datoms()) {
      if (UserFacts.isUsers(datom, schema)) {
        datoms.add(printer.datom(datom, schema));
      } else if (datom.e() == transaction.tx()) {
        own.put(schema.ident(datom.a()), datom.v());
      }
    }
    boolean pushed = own.containsKey(RebasisSchema.TX_ID);
    if (!pushed && datoms.isEmpty()) {
      return null;
    }
    String by = "server";
    if (pushed) {
      by = names.get((Long) own.get(RebasisSchema.TX_CLIENT)) + " " + own.get(RebasisSchema.TX_SEQ) + " " + outcome(own);
    }
    return printer.t(transaction.t()) + " " + by + (datoms.isEmpty() ? "" : " " + String.join(" ", datoms));
  }

  private static String outcome(Map<Keyword, Object> own) {
    Object outcome = own.get(RebasisSchema.TX_OUTCOME);
    Object reason = own.get(RebasisSchema.TX_REASON);
    return (outcome == null ? "accepted" : ((Keyword) outcome).name()) + (reason == null ? "" : " " + reason);
  }
}
