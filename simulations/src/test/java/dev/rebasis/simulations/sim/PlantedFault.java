package dev.rebasis.simulations.sim;

import static dev.rebasis.simulations.sim.Tampering.intents;
import static dev.rebasis.simulations.sim.Tampering.mapAll;
import static dev.rebasis.simulations.sim.Tampering.mapLast;
import static dev.rebasis.simulations.sim.Tampering.other;
import static dev.rebasis.simulations.sim.Tampering.outcomes;
import static dev.rebasis.simulations.sim.Tampering.toClient;
import static dev.rebasis.simulations.sim.Tampering.toServer;
import static dev.rebasis.simulations.sim.Tampering.transactions;
import static dev.rebasis.simulations.sim.Tampering.twin;
import static dev.rebasis.simulations.sim.Tampering.withBasis;
import static dev.rebasis.simulations.sim.Tampering.withForms;
import static dev.rebasis.simulations.sim.Tampering.withId;
import static dev.rebasis.simulations.sim.Tampering.withTerms;
import static dev.rebasis.simulations.sim.Tampering.withValue;

import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Transaction;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.AttributeDigest;
import dev.rebasis.protocol.Fork;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.RebasisSchema;
import dev.rebasis.protocol.Terms;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.simulations.check.Promise;
import dev.rebasis.simulations.disk.SimDisk;
import dev.rebasis.simulations.workload.Workload;
import dev.rebasis.simulations.workload.Workloads;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Faults that are put into client and server on purpose. A program that has one behaves, seen from outside, as its
 * sabotage makes it behave: what it should have written to its disk or said to the other side is left out, altered, said
 * twice or said too early. The checkers find each, or they are of no use.
 */
enum PlantedFault {
  CLIENT_SKIPS_THE_FORCE(Promise.DURABLE, "the client's disk is told to force nothing", () -> lyingDisk(false)),
  SERVER_SKIPS_THE_FORCE(Promise.DURABLE, "the server's disk is told to force nothing", () -> lyingDisk(true)),
  SERVER_LOSES_A_DATOM(Promise.CONVERGENCE, "the last datom of a batch is not sent", () -> toClient(transactions(
      all -> mapLast(all, datoms -> datoms.size() < 2 ? datoms : datoms.subList(0, datoms.size() - 1))))),
  SERVER_SENDS_HALF_A_TRANSACTION(Promise.CONVERGENCE, "only the first half of a transaction is sent",
      () -> toClient(transactions(all -> mapLast(all, datoms -> datoms.subList(0, (datoms.size() + 1) / 2))))),
  SERVER_ALTERS_A_VALUE(Promise.CONVERGENCE, "a number is sent otherwise than it was committed",
      () -> toClient(transactions(all -> mapAll(all, datom -> !EntityIds.isTx(datom.e())
          && datom.v() instanceof Long number && number > 0 && number < 1000 ? withValue(datom, number + 1) : datom)))),
  SERVER_LEAVES_A_TRANSACTION_OUT(Promise.CONVERGENCE, "a batch lacks a transaction in its middle",
      () -> toClient(transactions(Tampering::withoutMiddle))),
  SERVER_FORGETS_RETRACTIONS(Promise.CONVERGENCE, "retractions are not sent",
      () -> toClient(transactions(all -> all.stream().map(transaction -> new Transaction(transaction.t(),
          transaction.datoms().stream().filter(datom -> datom.added()).toList(), transaction.withdrawn())).toList()))),
  SERVER_KEEPS_CLIENTS_WAITING(Promise.CONVERGENCE, "what was committed later is never sent",
      () -> toClient(message -> message instanceof Message.Transactions sent && sent.follows() > 0 ? null : message)),
  SERVER_MISCOUNTS_ITS_DIGEST(Promise.CONVERGENCE, "every answer about digests says that one attribute differs",
      () -> toClient(message -> message instanceof Message.Verified verified && verified.known()
          ? new Message.Verified(verified.ref(), verified.t(), true, List.of(new AttributeDigest(10, 1, "0".repeat(32)))) : message)),
  SERVER_MIXES_UP_IDS(Promise.CONVERGENCE, "a client hears of other ids for what it made",
      () -> toClient(transactions(all -> mapAll(all, datom -> datom.v() instanceof List<?> tuple && tuple.size() == 3
          && tuple.get(2) instanceof Long id
          ? withValue(datom, List.of(tuple.get(0), tuple.get(1), id + 1)) : datom)))),
  SERVER_SAYS_ACCEPTED(Promise.NOTHING_LOST, "a refusal is told as an acceptance, in the stream as well",
      () -> toClient(message -> transactions(Tampering::withoutRefusals).apply(outcomes(outcome ->
          outcome.kind().isCommitted() ? outcome : new PushOutcome(
              outcome.id(), OutcomeKind.ACCEPTED, outcome.duplicate(), outcome.t(), Map.of(), null, null)).apply(message)))),
  CLIENT_FORGETS_A_PUSH(Promise.CONVERGENCE, "the last write of a batch is never sent",
      () -> toServer(intents(all -> all.size() < 2 ? all : all.subList(0, all.size() - 1)))),
  CLIENT_MAKES_A_NEW_ID(Promise.EXACTLY_ONCE, "a write that is sent again has another id", PlantedFault::newIds),
  CLIENT_SENDS_HALF(Promise.NOTHING_LOST, "the last form of a write is not sent",
      () -> toServer(intents(all -> all.stream().map(intent -> intent.forms().size() < 2 ? intent
          : withForms(intent, intent.forms().subList(0, intent.forms().size() - 1))).toList()))),
  CLIENT_SENDS_AN_EMPTY_WRITE(Promise.NOTHING_LOST, "a write is sent without its forms",
      () -> toServer(intents(all -> all.stream().map(intent -> withForms(intent, List.of())).toList()))),
  CLIENT_SENDS_ANOTHER_VALUE(Promise.NOTHING_LOST, "a write is sent with another number than was written",
      () -> toServer(intents(all -> all.stream().map(PlantedFault::withOtherNumbers).toList()))),
  SERVER_IGNORES_THE_BASIS(Promise.NOTHING_LOST, "every write is decided as if made on the newest T",
      () -> new BadMaster() {
        @Override
        List<Intent> decide(Intent intent, Master master) {
          return List.of(withBasis(intent, master.forcedT()));
        }
      }),
  SERVER_SEES_CONFLICTS_EVERYWHERE(Promise.PREDICTION, "every write is decided as if made before everything",
      () -> new BadMaster() {
        @Override
        List<Intent> decide(Intent intent, Master master) {
          return List.of(withBasis(intent, 0));
        }
      }),
  SERVER_DROPS_THE_LOSER(Promise.NOTHING_LOST, "every second conflict is settled without a record",
      () -> new BadMaster() {
        @Override
        List<Intent> decide(Intent intent, Master master) {
          return List.of(intent.seq() % 2 == 0 ? withBasis(intent, master.forcedT()) : intent);
        }
      }),
  SERVER_APPLIES_HALF(Promise.NOTHING_LOST, "only the first half of a write's forms is decided and committed",
      () -> new BadMaster() {
        @Override
        List<Intent> decide(Intent intent, Master master) {
          return List.of(withForms(intent, intent.forms().subList(0, (intent.forms().size() + 1) / 2)));
        }
      }),
  SERVER_SWALLOWS_A_WRITE(Promise.DURABLE, "a write is answered and not committed", () -> new BadMaster() {
    @Override
    List<Intent> decide(Intent intent, Master master) {
      return intent.seq() % 3 == 0 ? List.of() : List.of(intent);
    }

    @Override
    PushOutcome answer(Intent intent, Master master) {
      return new PushOutcome(intent.id(), OutcomeKind.ACCEPTED, false, master.forcedT(), Map.of(), null, null);
    }
  }),
  SERVER_COMMITS_TWICE(Promise.EXACTLY_ONCE, "a write is committed under a second id as well", () -> new BadMaster() {
    @Override
    List<Intent> decide(Intent intent, Master master) {
      return List.of(intent, twin(intent));
    }
  }),
  SERVER_GIVES_ONE_NUMBER_TO_ALL(Promise.NOTHING_LOST, "every client gets the same number", () -> new BadMaster() {
    @Override
    long number(long number) {
      return 1;
    }
  }),
  SERVER_FORGETS_THE_POLICIES(Promise.INTENTION, "attributes are installed without their policies", () -> new BadMaster() {
    @Override
    List<?> forms(List<?> forms) {
      return forms.stream().map(PlantedFault::withoutPolicy).toList();
    }
  }),
  SERVER_TAKES_THE_WRONG_POLICY(Promise.INTENTION, "attributes are installed with another policy than was asked for",
      () -> new BadMaster() {
        @Override
        List<?> forms(List<?> forms) {
          return forms.stream().map(PlantedFault::withOtherPolicy).toList();
        }
      }),
  SERVER_PASSES_OVER_WHAT_IS_ASKED_FOR(Promise.INTENTION, "own-rules", "the policy that a client or a transaction asks for is not taken",
      () -> new BadMaster() {
        @Override
        List<Intent> decide(Intent intent, Master master) {
          Terms terms = intent.terms();
          return List.of(withTerms(intent, new Terms(Map.of(), terms.seen(), terms.premises(), terms.after(), terms.group(),
              terms.notAfter(), terms.retries(), terms.undoes())));
        }
      }),
  SERVER_SPLITS_GROUPS(Promise.INTENTION, "approvals", "what is bound together is decided one by one", () -> new BadMaster() {
    @Override
    List<Intent> decide(Intent intent, Master master) {
      return List.of(withTerms(intent, intent.terms().withGroup(null)));
    }
  }),
  SERVER_DISTRUSTS_GROUPS(Promise.PREDICTION, "approvals", "what is bound together is parked whenever anybody wrote",
      () -> new BadMaster() {
        @Override
        List<Intent> decide(Intent intent, Master master) {
          return List.of(intent.terms().group() == null || master.forcedT() <= intent.basisT() ? intent
              : withForms(intent, List.of(List.of("no form"))));
        }
      }),
  SERVER_REFUSES_GROUPS_WHOLE(Promise.PREDICTION, "approvals", "a group is refused for something that is none of its members",
      () -> new BadMaster() {
        @Override
        List<Intent> decide(Intent intent, Master master) {
          return Tampering.withAStranger(intent);
        }
      }),
  SERVER_IGNORES_PREMISES(Promise.INTENTION, "approvals", "what a write relied on is not looked at", () -> new BadMaster() {
    @Override
    List<Intent> decide(Intent intent, Master master) {
      return List.of(withTerms(intent, intent.terms().withPremises(List.of())));
    }
  }),
  SERVER_DISTRUSTS_PREMISES(Promise.PREDICTION, "approvals", "a write that relied on something is parked whenever anybody wrote",
      () -> new BadMaster() {
        @Override
        List<Intent> decide(Intent intent, Master master) {
          return List.of(intent.terms().premises().isEmpty() ? intent
              : withTerms(intent, intent.terms().withPremises(List.of(new Terms.Premise(
                  Edn.read("[:find (max ?t) . :where [?t :db/txInstant]]"), List.of(), "0")))));
        }
      }),
  SERVER_TELLS_TOO_LATE(Promise.PREDICTION, "every fifth write that others wrote before is refused as too late",
      () -> new BadMaster() {
        private int met;

        @Override
        List<Intent> decide(Intent intent, Master master) {
          Terms terms = intent.terms();
          return List.of(master.forcedT() <= intent.basisT() || ++met % 5 > 0 ? intent : withTerms(intent, new Terms(
              terms.policies(), terms.seen(), terms.premises(), terms.after(), terms.group(), Instant.EPOCH, terms.retries(),
              terms.undoes(), terms.moved())));
        }
      }),
  SERVER_KEEPS_WHAT_LEFT_A_SCOPE(Promise.CONVERGENCE, "a client is not told what has left its scopes",
      () -> toClient(transactions(all -> all.stream()
          .map(transaction -> new Transaction(transaction.t(), transaction.datoms())).toList()))),
  SERVER_SENDS_WHAT_IS_IN_NO_SCOPE(Promise.CONVERGENCE, "regions", "a client hears of parcels that are in none of its scopes",
      () -> new LeakyServer(datom -> datom.added() && datom.v() instanceof Keyword region && "region".equals(region.namespace()))),
  SERVER_SENDS_OTHERS_CONFLICTS(Promise.CONVERGENCE, "regions",
      "a client with scopes reads what the server wrote about others' conflicts for these alone", () -> new LeakyServer(
          datom -> datom.v() instanceof Keyword kind && "rebasis.conflict".equals(kind.namespace()))),
  CLIENT_FORGETS_REFUSALS(Promise.NOTHING_LOST, "bank",
      "a client's store loses what was parked or rejected when it is opened again", ForgetfulStore::new),
  SERVER_FORKS_AT_EACH_START(Promise.MONOTONIC, "a server that is started again takes itself for a restored one",
      ForkingMaster::new),
  SERVER_WAITS_FOR_EVERYBODY(Promise.CONVERGENCE, "nobody gets the next batch before all have been sent the last one",
      WaitingServer::new),
  SERVER_FORGETS_FORMER_NAMES(Promise.PREDICTION, "a write that names an attribute as it was called once is rejected",
      () -> new BadMaster() {
        @Override
        List<Intent> decide(Intent intent, Master master) {
          return List.of(intent.forms().stream().anyMatch(form -> namesAFormerName(form, master.schema()))
              ? withForms(intent, List.of(List.of("no form"))) : intent);
        }
      }),
  SERVER_SHOWS_A_PART_FIRST(Promise.MONOTONIC, "a transaction is sent in two parts, one after the other",
      () -> new Sabotage() {
        @Override
        public List<Message> fromServer(String client, Message message) {
          return Tampering.inTwoParts(message);
        }
      }),
  CLIENT_HIDES_WHAT_WAITS(Promise.MONOTONIC, "a write leaves its client's view when it is sent, before it is decided",
      ForgetfulView::new),
  SERVER_REJECTS_WITHOUT_CAUSE(Promise.PREDICTION, "a write is rejected though nothing speaks against it",
      () -> new BadMaster() {
        @Override
        List<Intent> decide(Intent intent, Master master) {
          return List.of(intent.seq() % 3 > 0 ? intent : withForms(intent, List.of(List.of("no form"))));
        }
      });

  private static final Map<Object, Keyword> OTHER_POLICIES = Map.of(
      Keyword.of(":rebasis.policy/counter"), Keyword.of(":rebasis.policy/max"),
      Keyword.of(":rebasis.policy/union"), Keyword.of(":rebasis.policy/remove-wins"),
      Keyword.of(":rebasis.policy/remove-wins"), Keyword.of(":rebasis.policy/union"),
      Keyword.of(":rebasis.policy/text-merge-marked"), Keyword.of(":rebasis.policy/last-writer-wins"));

  private final Promise promise;
  private final String workload;
  private final String what;
  private final Supplier<Sabotage> sabotage;

  PlantedFault(Promise promise, String what, Supplier<Sabotage> sabotage) {
    this(promise, null, what, sabotage);
  }

  PlantedFault(Promise promise, String workload, String what, Supplier<Sabotage> sabotage) {
    this.promise = promise;
    this.workload = workload;
    this.what = what;
    this.sabotage = sabotage;
  }

  /** The promise that it breaks; others may be broken by it too. */
  Promise promise() {
    return promise;
  }

  /** The only workload that does what shows it; all of them if several do. */
  List<Workload> workloads() {
    return workload == null ? Workloads.all() : List.of(Workloads.named(workload));
  }

  /** What its plans aim at, since little else shows it; null if they are drawn like all others. */
  WantedPairs.Aim aim() {
    return switch (this) {
      case CLIENT_FORGETS_REFUSALS -> new WantedPairs.Aim(Set.of(Fault.RESTART), "transfer", null);
      case SERVER_FORKS_AT_EACH_START ->
          new WantedPairs.Aim(Set.of(Fault.SERVER_CRASH, Fault.CRASH, Fault.MID_MESSAGE, Fault.DELAY), "create", null);
      case SERVER_FORGETS_FORMER_NAMES -> new WantedPairs.Aim(Set.of(Fault.SCHEMA), "set", null);
      default -> null;
    };
  }

  /** What a finding says that only one check can say; empty if any will do. */
  String foundIn() {
    return switch (this) {
      case CLIENT_HIDES_WHAT_WAITS -> " is pending and its client does not show ";
      case SERVER_REFUSES_GROUPS_WHOLE -> ", and none of its members for a reason of its own";
      default -> "";
    };
  }

  /** What is wrong, in a few words. */
  String what() {
    return what;
  }

  /** A new one for each simulation. */
  Sabotage sabotage() {
    return sabotage.get();
  }

  private static boolean namesAFormerName(Object form, Schema schema) {
    Collection<?> names = form instanceof Map<?, ?> map ? map.keySet() : form instanceof List<?> list ? list : List.of();
    return names.stream().anyMatch(name -> name instanceof Keyword ident && schema.attribute(ident) != null
        && !schema.attribute(ident).ident().equals(ident));
  }

  private static Sabotage lyingDisk(boolean ofServer) {
    return new Sabotage() {
      @Override
      public void disk(String node, SimDisk disk) {
        if (node.equals(Step.SERVER) == ofServer) {
          disk.faults().ignoreForces();
        }
      }
    };
  }

  private static Sabotage newIds() {
    Set<UUID> sent = new HashSet<>();
    return toServer(intents(all -> all.stream()
        .map(intent -> sent.add(intent.id()) ? intent : withId(intent, other(intent.id()))).toList()));
  }

  private static Object withoutPolicy(Object form) {
    if (!(form instanceof Map<?, ?> map)) {
      return form;
    }
    Map<Object, Object> left = new LinkedHashMap<>(map);
    left.remove(RebasisSchema.POLICY);
    return left;
  }

  /** What adds up becomes what the last one wins, and the other way round with removals. */
  private static Object withOtherPolicy(Object form) {
    if (!(form instanceof Map<?, ?> map)) {
      return form;
    }
    Map<Object, Object> changed = new LinkedHashMap<>(map);
    changed.computeIfPresent(RebasisSchema.POLICY, (key, policy) ->
        OTHER_POLICIES.getOrDefault(policy, (Keyword) policy));
    return changed;
  }

  /** Notes a fork in the middle of its log whenever it is opened again. */
  private static final class ForkingMaster extends BadMaster {
    private boolean openedBefore;

    @Override
    void opened(Master master) {
      List<Transaction> all = master.transactionsAfter(0, Integer.MAX_VALUE);
      if (openedBefore) {
        master.fork(all.get(all.size() * 3 / 4).t(), new Master.Answer<>() {
          @Override
          public void done(Fork fork) {
            // Its clients hear of it as they come back.
          }

          @Override
          public void refused(RebasisException reason) {
            throw reason;
          }
        });
      }
      openedBefore = true;
    }
  }

  private static Intent withOtherNumbers(Intent intent) {
    List<Object> forms = new ArrayList<>();
    for (Object form : intent.forms()) {
      if (form instanceof List<?> list && list.size() >= 4 && list.get(list.size() - 1) instanceof Long number
          && number >= 0 && number < 1000) {
        List<Object> changed = new ArrayList<>(list);
        changed.set(changed.size() - 1, number + 1);
        forms.add(changed);
      } else {
        forms.add(form);
      }
    }
    return withForms(intent, forms);
  }
}
