package dev.rebasis.server.internal.master;

import datomic.Database;
import datomic.Entity;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.RebasisSchema;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Which of Rebasis's own records repeat what is to be excised: the values in the record of a conflict about it, or in one about
 * something else that quotes them all the same (the answer of a premise, the call of a function, a unique value that somebody
 * claimed), and the forms and the message of the transaction that met the conflict; and the forms and the message of any other
 * that was parked or rejected, if they name what is excised or hold one of its values ({@link ExcisedWords}), which need not be
 * what they met.
 * Whatever their time, since each repeats what was there before.
 * Immutable.
 */
final class ExcisedRecords {
  private static final Set<Keyword> VALUES = Set.of(RebasisSchema.CONFLICT_BASE, RebasisSchema.CONFLICT_LOCAL,
      RebasisSchema.CONFLICT_REMOTE, RebasisSchema.CONFLICT_RESOLVED);
  private static final Set<Keyword> TEXTS = Set.of(RebasisSchema.TX_FORMS, RebasisSchema.TX_MESSAGE);

  /** Says whether an entity and an attribute are concerned; attribute 0 is the whole entity. */
  interface Concern {
    boolean of(long e, long a);
  }

  /** Facts to be looked through. */
  interface Facts {
    /** Hands out those of one attribute, assertions only, in the order of T. */
    void of(Keyword attribute, Consumer<Datom> each);
  }

  private final Schema schema;
  private final Set<Long> conflicts = new HashSet<>();
  private final Set<Long> transactions = new HashSet<>();

  private ExcisedRecords(Schema schema) {
    this.schema = schema;
  }

  /**
   * Looks through all records of a database.
   *
   * @param asked entities of records that are asked for themselves
   */
  static ExcisedRecords all(Database database, Schema schema, Concern concern, ExcisedWords words, Set<Long> asked) {
    ExcisedRecords found = new ExcisedRecords(schema);
    found.find(database, concern, words, asked, (attribute, each) ->
        database.datoms(Database.AEVT, attribute.toString()).forEach(datom -> each.accept(DatomicFactView.translate(datom))));
    return found;
  }

  /**
   * These and those that came since: a record is written with its transaction, all at once, and the facts that it may repeat
   * were there before.
   *
   * @param words the same as before
   * @param since what was committed since these were found
   */
  ExcisedRecords later(Database database, Schema newest, Concern concern, ExcisedWords words, Set<Long> asked, Facts since) {
    ExcisedRecords found = new ExcisedRecords(newest);
    found.conflicts.addAll(conflicts);
    found.transactions.addAll(transactions);
    found.find(database, concern, words, asked, since);
    return found;
  }

  private void find(Database database, Concern concern, ExcisedWords words, Set<Long> asked, Facts facts) {
    conflicts.addAll(asked);
    transactions.addAll(asked);
    if (schema.entid(RebasisSchema.TX_FORMS) == null) {
      // Nobody ever served it.
      return;
    }
    facts.of(RebasisSchema.CONFLICT_ENTITY, met -> findMet(database, concern, met));
    if (!words.isEmpty()) {
      facts.of(RebasisSchema.TX_MESSAGE, message -> {
        if (words.isIn((String) message.v())) {
          transactions.add(message.e());
        }
      });
      facts.of(RebasisSchema.TX_FORMS, kept -> findTold(database, words, kept));
      facts.of(RebasisSchema.TX_CONFLICTS, conflict -> findQuoting(database, words, conflict.e(), (Long) conflict.v()));
    }
  }

  private void findMet(Database database, Concern concern, Datom met) {
    Object ident = database.entity(met.e()).get(RebasisSchema.CONFLICT_ATTRIBUTE.toString());
    Long attribute = ident == null ? Long.valueOf(0) : schema.entid(DatomicValues.keyword((clojure.lang.Keyword) ident));
    if (concern.of((Long) met.v(), attribute == null ? 0 : attribute)) {
      conflicts.add(met.e());
      transactions.add(met.tx());
    }
  }

  /** Whether an attribute holds what may repeat facts. */
  static boolean isRecord(Keyword attribute) {
    return attribute != null && (VALUES.contains(attribute) || TEXTS.contains(attribute));
  }

  /** The entities that hold them. */
  Set<Long> entities() {
    Set<Long> all = new HashSet<>(conflicts);
    all.addAll(transactions);
    return all;
  }

  private void findTold(Database database, ExcisedWords words, Datom kept) {
    Object forms = Edn.read((String) kept.v());
    Map<Long, Long> locals = new HashMap<>();
    DeviceDesk.collect(database, forms, (Long) database.entity(kept.e()).get(RebasisSchema.TX_CLIENT.toString()), locals);
    Map<Long, Long> ids = new HashMap<>();
    locals.forEach((number, entity) -> ids.put(-number, entity));
    if (words.areIn(forms, ids)) {
      transactions.add(kept.e());
    }
  }

  private void findQuoting(Database database, ExcisedWords words, long transaction, Long conflict) {
    if (!conflicts.contains(conflict) && quotes(database.entity(conflict), transactions.contains(transaction), words)) {
      conflicts.add(conflict);
      transactions.add(transaction);
    }
  }

  /** @param told whether the transaction that met it tells by its forms or its message */
  private static boolean quotes(Entity conflict, boolean told, ExcisedWords words) {
    List<String> texts = VALUES.stream().map(ident -> (String) conflict.get(ident.toString())).filter(Objects::nonNull).toList();
    if (conflict.get(RebasisSchema.CONFLICT_ENTITY.toString()) != null) {
      // Another entity's numbers are its own.
      return texts.stream().anyMatch(words::isValueIn);
    }
    if (told && !texts.isEmpty()) {
      return true;
    }
    Keyword about = conflict.get(RebasisSchema.CONFLICT_ATTRIBUTE.toString()) instanceof clojure.lang.Keyword ident
        ? DatomicValues.keyword(ident) : null;
    String wanted = (String) conflict.get(RebasisSchema.CONFLICT_LOCAL.toString());
    return texts.stream().anyMatch(text -> words.isRecordIn(about, text) || wanted != null && words.isAnswerIn(wanted, text));
  }

  /** Whether a fact is one of them. */
  boolean tell(Datom datom) {
    Keyword ident = schema.ident(datom.a());
    return VALUES.contains(ident) && conflicts.contains(datom.e())
        || TEXTS.contains(ident) && transactions.contains(datom.e());
  }
}
