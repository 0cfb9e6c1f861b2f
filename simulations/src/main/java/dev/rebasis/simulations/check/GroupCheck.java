package dev.rebasis.simulations.check;

import dev.rebasis.conflict.Decider;
import dev.rebasis.conflict.Decision;
import dev.rebasis.conflict.LocalIds;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Terms;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Tries groups that were refused a second time, member after member on plain facts, each on what those before it leave: one of
 * them has to fail, the first that does has to be parked for its own reason, and the others because of it. The members are decided
 * one by one; nothing of how client and server decide a group is used. Of groups that cannot be tried (a member has a premise or
 * an instant) one member at least has to have a reason of its own. Confined to one use.
 */
final class GroupCheck {
  private static final Keyword GROUP = Keyword.of(":rebasis.error/group-not-committed");

  /** Which member fails first, and why; both null if none does. */
  private record Fate(UUID failing, Keyword code) {}

  private final Pushed pushed;
  private final ServerLog log;
  private final Map<UUID, TreeMap<Integer, Intent>> groups = new HashMap<>();
  private final Map<UUID, Fate> fates = new HashMap<>();

  GroupCheck(Pushed pushed, ServerLog log) {
    this.pushed = pushed;
    this.log = log;
    pushed.intents().values().stream().filter(intents -> intents.size() == 1).forEach(intents -> {
      Intent intent = intents.iterator().next();
      Terms.Group group = intent.terms().group();
      if (group != null) {
        groups.computeIfAbsent(group.id(), made -> new TreeMap<>()).put(group.index(), intent);
      }
    });
  }

  /**
   * What is wrong with the refusal of a member.
   *
   * @param name who it is, for the sentence
   * @param before what the server held when the first member of its group was logged, or any later one
   * @param ids of its client
   */
  List<Finding> compare(String name, Intent intent, LoggedTransaction refused, PlainFacts before, LocalIds ids) {
    UUID id = intent.terms().group().id();
    TreeMap<Integer, Intent> members = groups.get(id);
    if (members == null || members.size() != intent.terms().group().size()) {
      return List.of();
    }
    String told = name + " was " + refused.outcome() + " (" + refused.reason() + ") at T " + refused.t() + " with its group";
    if (members.values().stream().allMatch(this::isRefusedForAnother)) {
      return List.of(new Finding(Promise.PREDICTION, told + ", and none of its members for a reason of its own"));
    }
    if (members.values().stream().anyMatch(member -> hasMoreThanForms(member.terms()) || isRefusedByDatomic(member))) {
      return List.of();
    }
    Fate fate = fates.computeIfAbsent(id, made -> fate(List.copyOf(members.values()), refused, before, ids));
    if (fate.failing == null) {
      return List.of(new Finding(Promise.PREDICTION, told + ", and on that history each of its members can be committed"));
    }
    Keyword expected = intent.id().equals(fate.failing) ? fate.code : GROUP;
    return expected.equals(refused.reason()) ? List.of()
        : List.of(new Finding(Promise.NOTHING_LOST, told + "; on that history its reason ought to be " + expected));
  }

  private boolean isRefusedForAnother(Intent member) {
    List<LoggedTransaction> logged = log.of(member.id());
    return !logged.isEmpty() && logged.stream().allMatch(each -> GROUP.equals(each.reason()));
  }

  private static boolean hasMoreThanForms(Terms terms) {
    return !terms.premises().isEmpty() || terms.notAfter() != null;
  }

  private boolean isRefusedByDatomic(Intent member) {
    return log.of(member.id()).stream().anyMatch(DatomicsOwn::isReasonOf);
  }

  private Fate fate(List<Intent> members, LoggedTransaction refused, PlainFacts before, LocalIds ids) {
    PlainFacts tried = before.copy();
    Set<UUID> through = new HashSet<>();
    Map<Long, Long> made = new HashMap<>();
    long t = refused.t();
    for (Intent member : members) {
      Decision decision = Decider.decide(
          member, tried, tried.changesAfter(member.basisT(), refused.client()), among(through, made, ids), pushed.rules());
      if (!decision.kind().isCommitted()) {
        return new Fate(member.id(), decision.reason().code());
      }
      through.add(member.id());
      made.putAll(decision.numbers());
      List<Datom> datoms = new ArrayList<>();
      for (Datom datom : decision.datoms()) {
        datoms.add(new Datom(datom.e(), datom.a(), datom.v(), EntityIds.txOf(t), datom.added()));
      }
      tried.add(new Transaction(t, datoms), refused.client());
      t++;
    }
    return new Fate(null, null);
  }

  /** Those before it in the group are as good as committed, and what they made may be what was there by its key. */
  private static LocalIds among(Set<UUID> through, Map<Long, Long> made, LocalIds ids) {
    return new LocalIds() {
      @Override
      public long resolve(long localId) {
        return made.containsKey(-localId) ? made.get(-localId) : ids.resolve(localId);
      }

      @Override
      public boolean isMade(long localId) {
        return made.containsKey(-localId) || ids.isMade(localId);
      }

      @Override
      public boolean hasFailed(UUID transaction) {
        return !through.contains(transaction) && ids.hasFailed(transaction);
      }
    };
  }
}
