package dev.rebasis.conflict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.ValueType;
import dev.rebasis.edn.Edn;
import dev.rebasis.error.TransactionException;
import dev.rebasis.protocol.Intent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Goal: every form, right or wrong, is read as its author means it or refused with the right code, also when a client that
 * is not ours pushes it as it stands. Method: the cases and their results are lines of small-space-forms.txt, which a
 * reviewer reads; those without remote changes are compared with Datomic itself by {@link DatomicOracleTest}.
 */
class SmallSpaceFormsTest {
  /** The local numbers that a stranger's client gives. */
  private static final Map<String, Long> TEMPIDS =
      Map.of(Intent.TX_TEMPID, 1L, "t", 2L, "x", 3L, "y", 4L, "n", 5L, "#66", 66L);

  @Test
  void everyFormIsReadAsItIsMeantOrRefused() throws IOException {
    TestDatabase start = SmallSpaceForms.database();
    List<String> expected = new ArrayList<>();
    List<String> actual = new ArrayList<>();
    for (String text : SmallSpaceForms.lines()) {
      SmallSpaceForms.Line line = SmallSpaceForms.read(text);
      expected.add(text);
      actual.add(line == null ? text : text.replaceFirst(" => .*", "") + " => " + result(line, new TestDatabase(start)));
    }
    if (Boolean.getBoolean("rebasis.golden.write")) {
      Path file = Path.of("src/test/resources/dev/rebasis/conflict").resolve(SmallSpaceForms.FILE);
      Files.writeString(file, String.join("\n", actual) + "\n", StandardCharsets.UTF_8);
      return;
    }
    assertThat(actual).isEqualTo(expected);
    assertThat(actual).noneMatch(line -> line.contains("IMPOSSIBLE"));
  }

  private static String result(SmallSpaceForms.Line line, TestDatabase db) {
    Object forms = Edn.read(SmallSpaceForms.named(line.forms(), db.now()));
    long basis = db.basisT();
    String refused = impossible(line, new TestDatabase(db));
    if (refused != null) {
      return refused;
    }
    String completed;
    try {
      long[] next = {100};
      IntentBuilder.Completed done = IntentBuilder.complete(forms, db.now().schema(), () -> next[0]++);
      Intent intent = new Intent(new UUID(0, 1), 1, basis, Instant.EPOCH, done.forms(), done.tempids());
      others(line, db);
      completed = shown(intent, db);
    } catch (TransactionException e) {
      others(line, db);
      completed = "refused at once " + codes(e.code(), e.data());
    }
    if (!(forms instanceof List<?> list)) {
      return completed;
    }
    String raw = shown(new Intent(new UUID(0, 2), 2, basis, Instant.EPOCH, new ArrayList<>(list), TEMPIDS), db);
    return completed + " | " + (raw.equals(completed) ? "same" : raw);
  }

  /** A case in which the others' transaction fails is no case. */
  private static String impossible(SmallSpaceForms.Line line, TestDatabase copy) {
    try {
      others(line, copy);
      return null;
    } catch (AssertionError | TransactionException e) {
      return "IMPOSSIBLE FOR OTHERS " + e.getMessage().replace('\n', ' ');
    }
  }

  private static void others(SmallSpaceForms.Line line, TestDatabase db) {
    if (line.remote() != null) {
      String named = SmallSpaceForms.named(line.remote(), db.now());
      List.of(named.split(" ; ")).forEach(db::remote);
    }
  }

  private static String shown(Intent intent, TestDatabase db) {
    Decision decision = db.decide(intent);
    assertThat(db.decide(intent)).isEqualTo(decision);
    StringBuilder text = new StringBuilder(decision.kind().name().toLowerCase(Locale.ROOT));
    if (decision.reason() != null) {
      text.append(' ').append(codes(decision.reason().code(), decision.reason().data()));
    }
    Map<Long, String> names = names(intent, db);
    for (Datom datom : decision.datoms()) {
      Attribute a = db.now().schema().attribute(datom.a());
      text.append(datom.added() ? " +[" : " -[").append(named(datom.e(), names)).append(' ').append(a.ident())
          .append(' ').append(value(a, datom.v(), names, db)).append(']');
    }
    decision.conflicts().forEach(conflict -> text.append(" ?").append(conflict.kind().name()));
    return text.toString();
  }

  private static Map<Long, String> names(Intent intent, TestDatabase db) {
    Map<Long, String> names = new HashMap<>();
    intent.tempids().forEach((name, number) -> names.put(-number, IntentBuilder.isAnonymous(name) ? name : "\"" + name + "\""));
    for (String key : List.of("A", "B", "P", "Q", "R")) {
      List<Datom> found = new ArrayList<>();
      db.history().stream().filter(d -> d.v().equals(key) && d.added()).findFirst().ifPresent(found::add);
      found.forEach(datom -> names.putIfAbsent(datom.e(), key));
    }
    db.now().schema().attributes().forEach(a -> names.put(a.id(), a.ident().toString()));
    for (String ident : List.of(":enum/one", ":enum/two", ":db.part/db")) {
      Long id = db.now().schema().entid(Keyword.of(ident));
      if (id != null) {
        names.put(id, ident);
      }
    }
    return names;
  }

  private static String named(long e, Map<Long, String> names) {
    return names.getOrDefault(e, Long.toString(e));
  }

  private static String value(Attribute a, Object v, Map<Long, String> names, TestDatabase db) {
    if (a.isRef()) {
      Keyword ident = db.now().schema().ident((Long) v);
      return ident == null ? named((Long) v, names) : ident.toString();
    }
    if (!(v instanceof List<?> tuple)) {
      return Edn.write(v);
    }
    List<String> elements = new ArrayList<>();
    for (int i = 0; i < tuple.size(); i++) {
      boolean entity = tuple.get(i) instanceof Long
          && Vocabulary.elementType(a, i, db.now().schema()) == ValueType.REF;
      elements.add(entity ? named((Long) tuple.get(i), names) : Edn.write(tuple.get(i)));
    }
    return elements.toString();
  }

  private static String codes(Keyword code, Map<Keyword, Object> data) {
    if (data.get(Keyword.of(":problems")) instanceof List<?> problems) {
      return problems.stream().map(one -> ((Map<?, ?>) one).get(Keyword.of(":code")).toString()).toList().toString();
    }
    return code.toString();
  }
}
