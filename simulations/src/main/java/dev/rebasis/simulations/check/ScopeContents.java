package dev.rebasis.simulations.check;

import datomic.Peer;
import dev.rebasis.client.Database;
import dev.rebasis.client.Scope;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.IndexOrder;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.SystemIds;
import dev.rebasis.data.Transaction;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.RebasisSchema;
import dev.rebasis.protocol.ScopeSpec;
import dev.rebasis.server.internal.master.DatomicValues;
import dev.rebasis.simulations.world.ServerFacts;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * What a client with scopes has to hold, without the server's own code for scopes: Datomic answers their queries, and a plain
 * walk through the facts of the server's log follows their pull patterns. Nothing outside may be held: no other entity, and of
 * the server's records about conflicts and about entities made only those of the client's own transactions. Confined to one
 * use.
 */
public final class ScopeContents {
  private static final Set<Keyword> OF_ITS_AUTHOR =
      Set.of(RebasisSchema.TX_MADE, RebasisSchema.TX_CONFLICTS, RebasisSchema.TX_FORMS, RebasisSchema.TX_MESSAGE);
  private static final String CONFLICT = "rebasis.conflict";

  private final String name;
  private final ServerFacts server;
  private final Map<Long, UUID> idOf = new HashMap<>();
  private final Map<Object, Long> recordedBy = new HashMap<>();

  private ScopeContents(String name, ServerFacts server) {
    this.name = name;
    this.server = server;
    for (Transaction transaction : server.transactions()) {
      for (Datom datom : transaction.datoms()) {
        if (is(datom, RebasisSchema.TX_ID)) {
          idOf.put(datom.e(), (UUID) datom.v());
        } else if (is(datom, RebasisSchema.TX_CONFLICTS)) {
          recordedBy.put(datom.v(), datom.e());
        }
      }
    }
  }

  /**
   * What differs between what a client holds and what its scopes say at the server's newest T.
   *
   * @param name whose database it is, for the sentences
   * @param held what it shows
   * @param scopes those that it holds
   * @param server what the server's log says
   * @param asked the same as Datomic's database
   * @param mayBeOwn whether a transaction, by its id, may be this client's own
   * @return findings, or an empty list
   */
  public static List<Finding> compare(String name, Database held, List<Scope> scopes, ServerFacts server,
      datomic.Database asked, Predicate<UUID> mayBeOwn) {
    ScopeContents contents =
        new ScopeContents(name + " with " + scopes.stream().map(Scope::name).toList(), server);
    Set<Long> members = contents.members(scopes, asked);
    List<Finding> findings = new ArrayList<>(Replicas.compare(contents.name, held, server, contents::isOfUsers,
        datom -> isOfSchema(datom) || members.contains(datom.e())));
    findings.addAll(contents.records(held, mayBeOwn));
    return findings;
  }

  /**
   * In how many current datoms of the users and of the schema a client differs from what its scopes say, for people to look at:
   * those that it lacks and those that it holds too much.
   */
  public static long differing(Database held, List<Scope> scopes, ServerFacts server, datomic.Database asked) {
    ScopeContents contents = new ScopeContents("", server);
    Set<Long> members = contents.members(scopes, asked);
    Set<Datom> lacking = new HashSet<>();
    server.current().stream().filter(datom -> contents.isOfUsers(datom) && (isOfSchema(datom) || members.contains(datom.e())))
        .forEach(lacking::add);
    long tooMuch = 0;
    for (Datom datom : held.datoms(IndexOrder.EAVT)) {
      tooMuch += contents.isOfUsers(datom) && !lacking.remove(datom) ? 1 : 0;
    }
    return lacking.size() + tooMuch;
  }

  private boolean is(Datom datom, Keyword attribute) {
    return attribute.equals(server.schema().ident(datom.a()));
  }

  private static boolean isOfSchema(Datom datom) {
    return EntityIds.isSchema(datom.e()) || SystemIds.isSchemaAttribute(datom.a());
  }

  private boolean isOfUsers(Datom datom) {
    return !EntityIds.isTx(datom.e()) && !isOfConflict(datom);
  }

  private boolean isOfConflict(Datom datom) {
    Keyword ident = server.schema().ident(datom.a());
    return ident != null && CONFLICT.equals(ident.namespace());
  }

  // ---- what is in the scopes ----

  private Set<Long> members(List<Scope> scopes, datomic.Database asked) {
    PullWalk walk = new PullWalk(server);
    Set<Long> members = new HashSet<>();
    for (Scope scope : scopes) {
      ScopeSpec spec = scope.spec();
      List<Object> inputs = new ArrayList<>(List.of(asked));
      spec.inputs().forEach(input -> inputs.add(DatomicValues.toDatomic(input)));
      for (long root : entities((Object) Peer.query(Edn.write(spec.query()), inputs.toArray()))) {
        members.addAll(walk.from(root, spec.pull()));
      }
    }
    return members;
  }

  private static Set<Long> entities(Object answer) {
    Set<Long> found = new LinkedHashSet<>();
    if (answer instanceof Collection<?> rows) {
      rows.forEach(row -> found.addAll(entities(row)));
    } else if (answer instanceof Long e) {
      found.add(e);
    }
    return found;
  }

  // ---- what is said about transactions ----

  /** Each transaction whose datoms are held is known by its time, and nobody reads what quotes others' values. */
  private List<Finding> records(Database held, Predicate<UUID> mayBeOwn) {
    Set<Long> timed = new HashSet<>();
    Set<Long> asserted = new HashSet<>();
    List<Datom> foreign = new ArrayList<>();
    for (Datom datom : held.datoms(IndexOrder.EAVT)) {
      if (is(datom, Keyword.of(":db/txInstant"))) {
        timed.add(datom.e());
      }
      if (!isOfSchema(datom)) {
        asserted.add(datom.tx());
      }
      Keyword ident = server.schema().ident(datom.a());
      Long author = isOfConflict(datom) ? recordedBy.get(datom.e()) : OF_ITS_AUTHOR.contains(ident) ? (Long) datom.e() : null;
      if (isOfConflict(datom) && author == null || author != null && !(idOf.containsKey(author) && mayBeOwn.test(idOf.get(author)))) {
        foreign.add(datom);
      }
    }
    asserted.removeAll(timed);
    List<Finding> findings = new ArrayList<>();
    if (!asserted.isEmpty()) {
      findings.add(new Finding(Promise.CONVERGENCE, name + " does not know when these transactions were, of which it holds"
          + " datoms: " + asserted));
    }
    if (!foreign.isEmpty()) {
      findings.add(new Finding(Promise.CONVERGENCE, name + " holds what the server wrote about others' transactions for them"
          + " alone: " + foreign.subList(0, Math.min(4, foreign.size()))));
    }
    return findings;
  }
}
