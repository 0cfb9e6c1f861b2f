package dev.rebasis.protocol.codec;

import dev.rebasis.data.AnyValue;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Transaction;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.protocol.AttributeDigest;
import dev.rebasis.protocol.Fork;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.Message;
import dev.rebasis.protocol.OutcomeKind;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.ScopeSpec;
import dev.rebasis.protocol.Standing;
import dev.rebasis.protocol.Terms;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Arbitraries of every message. */
final class AnyMessage {
  private AnyMessage() {}

  static Arbitrary<Message> any() {
    return Arbitraries.oneOf(hello(), welcome(), push(), outcomes(), transactions(), failed(), small());
  }

  private static Arbitrary<Long> natural() {
    return AnyValue.longs().map(n -> (Long) n & Long.MAX_VALUE);
  }

  private static Arbitrary<Long> t() {
    return Arbitraries.longs().between(0, (1L << 42) - 1);
  }

  private static Arbitrary<UUID> uuid() {
    return AnyValue.uuids().map(u -> (UUID) u);
  }

  private static Arbitrary<Keyword> keyword() {
    return AnyValue.keywords().map(k -> (Keyword) k);
  }

  private static Arbitrary<Message> hello() {
    return Combinators.combine(Arbitraries.integers().greaterOrEqual(1), AnyValue.text().set().ofMaxSize(3), uuid(), natural(),
            uuid().injectNull(0.3), natural(), natural(), Combinators.combine(standing(),
                scopes().injectNull(0.5), scopes().injectNull(0.5)).as((standing, scopes, held) ->
                    new Message.Hello(1, Set.of(), new UUID(0, 0), 0, null, 0, 0, standing, scopes, held)))
        .as((version, features, store, client, database, t, credit, rest) -> new Message.Hello(
            version, features, store, client, database, t, credit, rest.standing(), rest.scopes(), rest.held()));
  }

  private static Arbitrary<List<ScopeSpec>> scopes() {
    Arbitrary<List<Object>> forms = AnyValue.form().list().ofMaxSize(3);
    return Combinators.combine(AnyValue.text(), forms, forms, forms.map(list -> (Object) list).injectNull(0.3))
        .as((name, query, inputs, pull) -> new ScopeSpec(name, query, inputs, pull))
        .list().ofMaxSize(3).uniqueElements(ScopeSpec::name);
  }

  private static Arbitrary<Message> welcome() {
    return Combinators.combine(Arbitraries.integers().greaterOrEqual(1), AnyValue.text().set().ofMaxSize(3), uuid(),
            natural().map(n -> Math.max(1, n)), natural(), uuid().injectNull(0.3), natural(),
            Combinators.combine(forks(), AnyValue.text().injectNull(0.3)).as((forks, user) ->
                new Message.Welcome(1, Set.of(), new UUID(0, 0), 1, 0, null, 0, forks, user)))
        .as((version, features, database, client, t, token, load, rest) -> new Message.Welcome(
            version, features, database, client, t, token, load, rest.forks(), rest.user()));
  }

  private static Arbitrary<Standing> standing() {
    return Combinators.combine(uuid().injectNull(0.3), uuid().injectNull(0.3), uuid().injectNull(0.3),
        AnyValue.instants().map(i -> (Instant) i).injectNull(0.3)).as(Standing::new);
  }

  private static Arbitrary<List<Fork>> forks() {
    return Combinators.combine(t(), Arbitraries.longs().between(1, 1 << 20), uuid())
        .as((t, step, id) -> new Fork(t, t + step, id)).list().ofMaxSize(3);
  }

  private static Arbitrary<Message> push() {
    Arbitrary<Map<String, Long>> tempids =
        Arbitraries.maps(AnyValue.text(), natural().map(n -> Math.max(1, n))).ofMaxSize(4);
    Arbitrary<Intent> intent = Combinators.combine(uuid(), natural().map(n -> Math.max(1, n)), natural(),
            AnyValue.instants().map(i -> (Instant) i), AnyValue.form().list().ofMaxSize(3), tempids, terms())
        .as(Intent::new);
    Arbitrary<Map<Long, Long>> known = Arbitraries.maps(natural(), natural()).ofMaxSize(3);
    return Combinators.combine(intent.list().ofMinSize(1).ofMaxSize(3), known, natural()).as(Message.Push::new);
  }

  private static Arbitrary<Terms> terms() {
    Arbitrary<Terms.PolicyRef> policy = Combinators.combine(keyword(), natural()).as(Terms.PolicyRef::new);
    Arbitrary<Terms.Seen> seen = Combinators.combine(
            AnyValue.longs().map(e -> (Long) e), keyword(), AnyValue.datomValue().list().ofMaxSize(2))
        .as(Terms.Seen::new);
    Arbitrary<Terms.Premise> premise = Combinators.combine(
            AnyValue.form().list().ofMaxSize(2), AnyValue.form().list().ofMaxSize(2), AnyValue.text())
        .as(Terms.Premise::new);
    Arbitrary<Terms.Group> group = Combinators.combine(uuid(), Arbitraries.integers().between(2, 9))
        .as((id, size) -> new Terms.Group(id, size, size - 1));
    Arbitrary<Terms> any = Combinators.combine(
            Arbitraries.maps(keyword(), policy).ofMaxSize(2), seen.list().ofMaxSize(2), premise.list().ofMaxSize(2),
            uuid().list().ofMaxSize(2), group.injectNull(0.5), AnyValue.instants().map(i -> (Instant) i).injectNull(0.5),
            uuid().injectNull(0.5))
        .as(Terms::new);
    return Arbitraries.oneOf(Arbitraries.just(Terms.NONE), any);
  }

  private static Arbitrary<Message> outcomes() {
    Arbitrary<PushOutcome> outcome = Combinators.combine(uuid(), Arbitraries.of(OutcomeKind.class), Arbitraries.of(true, false),
            natural(), Arbitraries.maps(Arbitraries.longs(), Arbitraries.longs()).ofMaxSize(4), keyword().injectNull(0.5),
            AnyValue.text().injectNull(0.5))
        .as(PushOutcome::new);
    return outcome.list().ofMinSize(1).ofMaxSize(3).map(Message.Outcomes::new);
  }

  private static Arbitrary<Message> transactions() {
    Arbitrary<Transaction> transaction = t().flatMap(t -> Combinators.combine(
            AnyValue.longs(), AnyValue.longs(), AnyValue.datomValue(), Arbitraries.of(true, false))
        .as((e, a, v, added) -> new Datom((Long) e, (Long) a, v, EntityIds.txOf(t), added))
        .list().ofMaxSize(5)
        .map(datoms -> new Transaction(t, datoms)));
    Arbitrary<Transaction> withdrawing = Combinators.combine(transaction, transaction,
        AnyValue.longs().map(e -> (Long) e).list().ofMinSize(1).ofMaxSize(3)).as(AnyMessage::withdrawing);
    Arbitrary<Message> change = Combinators.combine(natural(), Arbitraries.oneOf(transaction, withdrawing),
        Arbitraries.of(true, false)).as(Message.ScopeChange::new);
    return Arbitraries.oneOf(change, batch(Arbitraries.oneOf(transaction, withdrawing)));
  }

  /** With the asserted datoms of another one as what came in, behind its own. */
  private static Transaction withdrawing(Transaction own, Transaction older, List<Long> withdrawn) {
    List<Datom> datoms = new ArrayList<>(own.datoms());
    older.datoms().stream().filter(datom -> datom.added() && older.t() != own.t()).forEach(datoms::add);
    return new Transaction(own.t(), datoms, withdrawn);
  }

  private static Arbitrary<Message> batch(Arbitrary<Transaction> transaction) {
    return Combinators.combine(t(), transaction.list().ofMinSize(1).ofMaxSize(3), t()).as(Message.Transactions::new);
  }

  private static Arbitrary<Message> failed() {
    return Combinators.combine(keyword(), Arbitraries.of(ErrorCategory.class), AnyValue.text(), natural(),
            Arbitraries.of(true, false))
        .as(Message.Failed::new);
  }

  private static Arbitrary<List<AttributeDigest>> digests() {
    Arbitrary<String> sums = Arbitraries.strings().withChars("0123456789abcdef").ofLength(32);
    return Combinators.combine(natural(), natural(), sums).as(AttributeDigest::new)
        .list().ofMaxSize(4).uniqueElements(AttributeDigest::a);
  }

  private static Arbitrary<Message> small() {
    return Arbitraries.oneOf(
        Combinators.combine(natural(), natural()).as(Message.Loaded::new),
        Combinators.combine(natural(), natural(), digests()).as(Message.Verify::new),
        Combinators.combine(natural(), natural(), Arbitraries.of(true, false), digests()).as(Message.Verified::new),
        natural().map(n -> new Message.PullCredit(Math.max(1, n))),
        Combinators.combine(AnyValue.longs(), natural()).as((ref, t) -> new Message.Sync((Long) ref, t)),
        Combinators.combine(AnyValue.longs(), natural()).as((ref, t) -> new Message.Synced((Long) ref, t)),
        Combinators.combine(natural().map(n -> Math.max(1, n)), scopes()).as(Message.Scope::new),
        natural().map(Message.Basis::new),
        AnyValue.text().injectNull(0.2).map(Message.Bye::new));
  }

  /** Whether two messages are equal, the Java types of all values included. */
  static boolean same(Message x, Message y) {
    if (x instanceof Message.Push p && y instanceof Message.Push q) {
      return p.equals(q) && AnyValue.same(forms(p), forms(q));
    }
    if (x instanceof Message.Transactions s && y instanceof Message.Transactions u) {
      return s.equals(u) && AnyValue.same(datomValues(s), datomValues(u));
    }
    return x.equals(y);
  }

  private static List<Object> forms(Message.Push push) {
    return push.intents().stream().map(intent -> (Object) intent.forms()).toList();
  }

  private static List<Object> datomValues(Message.Transactions message) {
    return message.transactions().stream().flatMap(t -> t.datoms().stream()).map(Datom::v).toList();
  }
}
