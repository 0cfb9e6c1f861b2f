package dev.rebasis.protocol.codec;

import dev.rebasis.data.AnyValue;
import dev.rebasis.data.Bytes;
import dev.rebasis.data.Datom;
import dev.rebasis.data.EntityIds;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Symbol;
import dev.rebasis.data.Transaction;
import dev.rebasis.edn.EdnList;
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
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** The messages of the test vectors, by the names of their files. */
final class SampleMessages {
  private static final UUID STORE = UUID.fromString("5f0c1b9e-3f2a-4c7d-9b61-0d2f8e7a1c34");
  private static final UUID DATABASE = UUID.fromString("c2a7e6d0-8b1f-4e55-a3c9-7f4d2b6e9018");
  private static final UUID FIRST = UUID.fromString("018f4c2a-77b0-7cc1-8f3e-2d1a9b5c6e70");
  private static final UUID SECOND = UUID.fromString("018f4c2a-77b1-7d02-9a4b-6c3f0e8d1b25");
  private static final UUID TOKEN = UUID.fromString("3c9d2f0a-61b7-4e8d-a5f4-90c1e2d3b4a5");
  private static final UUID FORMER_TOKEN = UUID.fromString("9b0e6c11-2f4d-4a3c-8e5b-6d7f80a1b2c3");
  private static final UUID FORK = UUID.fromString("e41d6a52-7c3b-4f90-b8a6-15c2d3e4f506");
  private static final Instant MADE_AT = Instant.parse("2024-05-06T07:08:09.010Z");

  private SampleMessages() {}

  static Map<String, Message> all() {
    Map<String, Message> all = new LinkedHashMap<>();
    all.put("hello", new Message.Hello(4, Set.of("load"), STORE, 7, DATABASE, 1012, 10_000,
        new Standing(TOKEN, FORMER_TOKEN, FORK, MADE_AT)));
    all.put("hello-first", new Message.Hello(4, Set.of(), STORE, 0, null, 0, 10_000));
    all.put("welcome", new Message.Welcome(4, Set.of("load"), DATABASE, 7, 1016, TOKEN, 0, List.of(), "ann"));
    all.put("welcome-load", new Message.Welcome(4, Set.of("load"), DATABASE, 7, 91016, TOKEN, 1_000_000, List.of(), null));
    all.put("welcome-forked", new Message.Welcome(4, Set.of(), DATABASE, 7, 1016, TOKEN, 0,
        List.of(new Fork(1004, 1006, FORK), new Fork(1012, 1013, FIRST)), null));
    all.put("loaded", new Message.Loaded(91016, 10_000));
    all.put("verify", new Message.Verify(4, 1016, List.of(
        new AttributeDigest(50, 2, "00d1f5c7a0b34e6f8192a3b4c5d6e7f8"),
        new AttributeDigest(90, 1, "f".repeat(32)))));
    all.put("verified", new Message.Verified(4, 1016, true, List.of()));
    all.put("verified-different", new Message.Verified(4, 1016, true, List.of(
        new AttributeDigest(90, 2, "8f14e45fceea167a5a36dedd4bea2543"))));
    all.put("pull-credit", new Message.PullCredit(5000));
    all.put("push", push());
    all.put("push-terms", new Message.Push(List.of(new Intent(FIRST, 4, 1012, MADE_AT, List.of(), Map.of("datomic.tx", 10L), terms()))));
    all.put("push-known", new Message.Push(List.of(new Intent(FIRST, 4, 1012, MADE_AT,
        List.of(List.of(Keyword.of(":db/add"), -3L, Keyword.of(":order/quantity"), 4L)), Map.of("datomic.tx", 10L))),
        Map.of(3L, 17592186045418L)));
    all.put("push-number", new Message.Push(List.of(new Intent(FIRST, 5, 1012, MADE_AT,
        List.of(List.of(Keyword.of(":db/add"), 17592186045418L, Keyword.of(":order/quantity"), 4L)), Map.of("datomic.tx", 16L))),
        Map.of(), 3));
    all.put("push-values", new Message.Push(List.of(new Intent(FIRST, 3, 0, MADE_AT, values(), Map.of("datomic.tx", 9L)))));
    all.put("outcomes", outcomes());
    all.put("transactions", transactions());
    all.put("transactions-values", new Message.Transactions(0, List.of(new Transaction(1000, datomValues())), 1000));
    all.put("basis", new Message.Basis(1016));
    all.put("sync", new Message.Sync(3, 1014));
    all.put("synced", new Message.Synced(3, 1016));
    all.put("error", new Message.Failed(Keyword.of(":rebasis.error/clock-behind"), ErrorCategory.RETRY_LATER,
        "The server's clock is behind its last transaction; try again in 5 seconds.", 5000, false));
    all.put("hello-scopes", new Message.Hello(4, Set.of("load"), STORE, 7, DATABASE, 1012, 10_000,
        new Standing(TOKEN, FORMER_TOKEN, FORK, MADE_AT), scopes(),
        List.of()));
    all.put("scope", new Message.Scope(5, scopes()));
    all.put("scope-change", new Message.ScopeChange(5, withdrawing(1014), true));
    all.put("scope-change-nothing", new Message.ScopeChange(0, new Transaction(1014, List.of()), true));
    all.put("transactions-withdrawing", new Message.Transactions(1012, List.of(withdrawing(1014)), 1016));
    all.put("bye", new Message.Bye("The client closes."));
    all.put("bye-silent", new Message.Bye(null));
    return all;
  }

  private static List<ScopeSpec> scopes() {
    Symbol order = Symbol.of("?o");
    Object query = List.of(Keyword.of(":find"), order, Keyword.of(":in"), Symbol.of("$"), Symbol.of("?region"),
        Keyword.of(":where"), List.of(order, Keyword.of(":order/region"), Symbol.of("?region")));
    return List.of(
        new ScopeSpec("mine", query, List.of(Keyword.of(":region/emea")),
            List.of(Map.of(Keyword.of(":order/customer"), List.of(Symbol.of("*"))))),
        new ScopeSpec("all", Map.of(Keyword.of(":find"), List.of(order)), List.of(), null));
  }

  private static Transaction withdrawing(long t) {
    long tx = EntityIds.txOf(t);
    long came = 17592186045433L;
    return new Transaction(t, List.of(
        new Datom(came, 91, 5L, tx, true),
        new Datom(came, 90, "A-7", EntityIds.txOf(1003), true)), List.of(17592186045431L, came));
  }

  private static Message push() {
    Map<Object, Object> order = new LinkedHashMap<>();
    order.put(Keyword.of(":db/id"), "order");
    order.put(Keyword.of(":order/number"), "A-1");
    order.put(Keyword.of(":order/lines"),
        List.of(Map.of(Keyword.of(":db/id"), -13L), Map.of(Keyword.of(":db/id"), -14L)));
    Map<String, Long> tempids = Map.of("order", 12L, "#13", 13L, "#14", 14L, Intent.TX_TEMPID, 11L);
    List<Object> changes = List.of(
        List.of(Keyword.of(":db/add"), -12L, Keyword.of(":order/note"), "~ urgent"),
        List.of(Keyword.of(":db/cas"), List.of(Keyword.of(":order/number"), "A-0"), Keyword.of(":order/quantity"), 3L, 4L),
        List.of(Keyword.of(":db/retractEntity"), 17592186045418L));
    return new Message.Push(List.of(
        new Intent(FIRST, 1, 1012, MADE_AT, List.of(order), tempids),
        new Intent(SECOND, 2, 1012, MADE_AT, changes, Map.of(Intent.TX_TEMPID, 15L))));
  }

  private static Terms terms() {
    Keyword note = Keyword.of(":order/note");
    Object query = List.of(Keyword.of(":find"), Symbol.of("?n"), Keyword.of(":in"), Symbol.of("$"), Symbol.of("?o"),
        Keyword.of(":where"), List.of(Symbol.of("?o"), note, Symbol.of("?n")));
    return new Terms(
        Map.of(note, new Terms.PolicyRef(Keyword.of(":rebasis.policy/text-merge"), 0)),
        List.of(new Terms.Seen(-12, note, List.of("urgent"))),
        List.of(new Terms.Premise(query, List.of(-12L), "9f86d081884c7d65")),
        List.of(SECOND), new Terms.Group(SECOND, 2, 0), MADE_AT.plusSeconds(60), SECOND, FIRST, new Terms.Moved(2, true));
  }

  private static Message outcomes() {
    return new Message.Outcomes(List.of(
        new PushOutcome(FIRST, OutcomeKind.ACCEPTED, true, 1014, Map.of(12L, 17592186045431L, 13L, 17592186045432L), null, null),
        new PushOutcome(SECOND, OutcomeKind.REJECTED, false, 1016, Map.of(), Keyword.of(":db.error/cas-failed"),
            "Compare failed: 3 5")));
  }

  private static Message transactions() {
    long e = 17592186045431L;
    long tx = EntityIds.txOf(1014);
    long next = EntityIds.txOf(1016);
    return new Message.Transactions(1012, List.of(
        new Transaction(1014, List.of(
            new Datom(tx, 50, MADE_AT, tx, true),
            new Datom(tx, 72, FIRST, tx, true),
            new Datom(tx, 78, List.of(7L, 12L, e), tx, true),
            new Datom(e, 90, "A-1", tx, true))),
        new Transaction(1016, List.of(
            new Datom(next, 50, MADE_AT.plusMillis(5), next, true),
            new Datom(e, 90, "A-2", next, true),
            new Datom(e, 90, "A-1", next, false)))), 1016);
  }

  /** Every type of value that a datom can hold, one datom each. */
  private static List<Datom> datomValues() {
    List<Object> values = new ArrayList<>(scalars());
    values.add(AnyValue.list(1L, null, "b", Keyword.of(":c")));
    List<Datom> datoms = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      datoms.add(new Datom(17592186045431L, 100 + i, values.get(i), EntityIds.txOf(1000), true));
    }
    return datoms;
  }

  private static List<Object> scalars() {
    return Arrays.asList(
        "text", "", "~ is escaped", "half \ud83d of an emoji", "caf\u00e9 \ud83d\ude00", true, false,
        0L, -1L, 9007199254740992L, 9007199254740993L, -9007199254740993L, Long.MAX_VALUE, Long.MIN_VALUE,
        BigInteger.ZERO, new BigInteger("-123456789012345678901234567890"),
        0.1f, -0.0f, Float.NaN, Float.NEGATIVE_INFINITY,
        1.0, -0.0, 0.1, 1e300, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY,
        new BigDecimal("1.50"), new BigDecimal("1E+3"), new BigDecimal("0.00"),
        Instant.EPOCH, MADE_AT, Instant.ofEpochMilli(-1), Instant.parse("+12345-01-01T00:00:00Z"),
        FIRST, URI.create("http://example.org/a?b=c"), Keyword.of(":order/number"), Keyword.of(":plain"),
        Symbol.of("?e"), Symbol.of("my.ns/f"), Bytes.of(), Bytes.of((byte) 0xca, (byte) 0xfe, (byte) 0xba));
  }

  /** Beside them what a form can hold. */
  private static List<Object> values() {
    List<Object> values = new ArrayList<>(scalars());
    values.add(null);
    values.add('x');
    values.add(List.of());
    values.add(List.of("~#set", List.of()));
    values.add(EdnList.of(Symbol.of(">"), Symbol.of("?n"), 5L));
    values.add(new LinkedHashSet<>(List.of(1L, "two", List.of(3L))));
    values.add(Map.of());
    Map<Object, Object> map = new LinkedHashMap<>();
    map.put(Keyword.of(":a"), 1L);
    map.put("a", 2L);
    map.put("~a", 3L);
    values.add(map);
    Map<Object, Object> anyKeys = new LinkedHashMap<>();
    anyKeys.put(1L, "long");
    anyKeys.put(Keyword.of(":k"), null);
    values.add(anyKeys);
    return values;
  }
}
