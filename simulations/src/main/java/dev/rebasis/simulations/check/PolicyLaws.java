package dev.rebasis.simulations.check;

import dev.rebasis.data.Attribute;
import dev.rebasis.data.Datom;
import dev.rebasis.data.Keyword;
import dev.rebasis.data.Schema;
import dev.rebasis.data.Transaction;
import dev.rebasis.data.Values;
import dev.rebasis.edn.Edn;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.RebasisSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Holds each recorded conflict against what docs/conflicts.md says of its policy, read as a table: which policy it had to be
 * by the schema that was asked for, what has to stand afterwards given the three sides, and that this does stand. Nothing of
 * the decider is used. Of texts that were merged only the policy is looked at. Confined to one use.
 */
final class PolicyLaws {
  private static final Set<String> OF_ONE = Set.of("same-value-changed", "retracted-value-changed");
  private static final Set<String> OF_MANY = Set.of("retracted-value-added", "added-value-retracted");

  private static final Keyword CARDINALITY = Keyword.of(":db/cardinality");
  private static final Keyword MANY = Keyword.of(":db.cardinality/many");
  private static final Keyword VALUE_TYPE = Keyword.of(":db/valueType");
  private static final Keyword RETRACT = Keyword.of(":db/retract");

  /** A conflict as its record says, with its values as EDN text. */
  private record Meeting(String kind, long e, Keyword attribute, String policy, List<Object> base, List<Object> local,
      List<Object> remote, List<Object> resolved) {}

  private record Place(long e, long a) {}

  private final ServerLog log;
  private final Pushed pushed;
  private final Schema schema;
  private final Map<UUID, LocalWrite> known = new HashMap<>();
  /** What the schema asks for at this point of the log, by attribute; null if it leaves that to the cardinality. */
  private final Map<Long, String> asked = new HashMap<>();
  private final Set<Long> many = new HashSet<>();
  private final Map<Place, TreeSet<String>> facts = new HashMap<>();
  private final List<Finding> findings = new ArrayList<>();

  /**
   * Begins.
   *
   * @param installed the forms of the schema as the workload has it, with each attribute's policy
   */
  PolicyLaws(List<?> installed, List<LocalWrite> writes, Pushed pushed, ServerLog log) {
    this.log = log;
    this.pushed = pushed;
    this.schema = log.facts().schema();
    writes.forEach(write -> known.put(write.id(), write));
    for (Object form : installed) {
      if (form instanceof Map<?, ?> map && map.get(Keyword.of(":db/ident")) instanceof Keyword ident
          && map.containsKey(Keyword.of(":db/valueType"))) {
        Long id = schema.entid(ident);
        if (id != null) {
          asked.put(id, map.get(RebasisSchema.POLICY) instanceof Keyword policy ? policy.name() : null);
          if (MANY.equals(map.get(CARDINALITY))) {
            many.add(id);
          }
        }
      }
    }
  }

  List<Finding> findings() {
    for (int i = 0; i < log.transactions().size(); i++) {
      LoggedTransaction read = log.transactions().get(i);
      Transaction raw = log.facts().transactions().get(i);
      raw.datoms().stream().filter(datom -> !datom.added()).forEach(datom -> values(datom).remove(Edn.write(datom.v())));
      raw.datoms().stream().filter(Datom::added).forEach(datom -> values(datom).add(Edn.write(datom.v())));
      LocalWrite write = read.isPushed() ? known.get(read.id()) : null;
      if (write != null && !takesBack(write)) {
        meetings(raw).forEach(meeting -> judge(write, read, meeting));
      }
      alter(raw);
    }
    return findings;
  }

  /** What somebody altered afterwards counts from there on; what was installed has to be what was asked for. */
  private void alter(Transaction raw) {
    Set<Long> installed = new HashSet<>();
    raw.datoms().stream().filter(datom -> VALUE_TYPE.equals(schema.ident(datom.a()))).forEach(datom -> installed.add(datom.e()));
    for (boolean added : List.of(false, true)) {
      for (Datom datom : raw.datoms()) {
        Keyword what = schema.ident(datom.a());
        if (datom.added() != added || installed.contains(datom.e()) || !asked.containsKey(datom.e())) {
          continue;
        }
        if (RebasisSchema.POLICY.equals(what)) {
          asked.put(datom.e(), added ? ((Keyword) datom.v()).name() : null);
        } else if (CARDINALITY.equals(what) && added) {
          boolean takesMany = MANY.equals(schema.ident((Long) datom.v()));
          if (takesMany) {
            many.add(datom.e());
          } else {
            many.remove(datom.e());
          }
        }
      }
    }
  }

  private String wanted(Keyword attribute) {
    Long id = schema.entid(attribute);
    if (id == null || !asked.containsKey(id)) {
      return null;
    }
    return asked.get(id) != null ? asked.get(id) : many.contains(id) ? "add-wins" : "last-writer-wins";
  }

  /** What takes another one back gives way by rules of its own, also when it is made again. */
  private boolean takesBack(LocalWrite write) {
    return write.kind().equals("undo") || pushed.intents().getOrDefault(write.id(), Set.of()).stream()
        .anyMatch(intent -> intent.terms().undoes() != null);
  }

  private TreeSet<String> values(Datom datom) {
    return facts.computeIfAbsent(new Place(datom.e(), datom.a()), made -> new TreeSet<>());
  }

  private List<Meeting> meetings(Transaction raw) {
    Map<Long, Map<Keyword, Object>> records = new LinkedHashMap<>();
    for (Datom datom : raw.datoms()) {
      Keyword ident = schema.ident(datom.a());
      if ("rebasis.conflict".equals(ident.namespace())) {
        records.computeIfAbsent(datom.e(), made -> new HashMap<>()).put(ident, datom.v());
      }
    }
    List<Meeting> meetings = new ArrayList<>();
    for (Map<Keyword, Object> record : records.values()) {
      if (record.get(RebasisSchema.CONFLICT_ENTITY) instanceof Long e
          && record.get(RebasisSchema.CONFLICT_ATTRIBUTE) instanceof Keyword attribute) {
        meetings.add(new Meeting(((Keyword) record.get(RebasisSchema.CONFLICT_KIND)).name(), e, attribute,
            ((Keyword) record.get(RebasisSchema.CONFLICT_POLICY)).name(), list(record.get(RebasisSchema.CONFLICT_BASE)),
            list(record.get(RebasisSchema.CONFLICT_LOCAL)), list(record.get(RebasisSchema.CONFLICT_REMOTE)),
            list(record.get(RebasisSchema.CONFLICT_RESOLVED))));
      }
    }
    return meetings;
  }

  private static List<Object> list(Object text) {
    return text == null ? List.of() : List.copyOf((List<?>) Edn.read((String) text));
  }

  private void judge(LocalWrite write, LoggedTransaction transaction, Meeting meeting) {
    if (!OF_ONE.contains(meeting.kind) && !OF_MANY.contains(meeting.kind)) {
      return; // These have a person decide, or say no, whatever the policy.
    }
    Set<String> byItsAuthor = askedByItsAuthor(write, meeting.attribute);
    String wanted = wanted(meeting.attribute);
    if (!byItsAuthor.isEmpty() && !byItsAuthor.contains(meeting.policy)) {
      report(write, transaction, meeting, "its author asks for " + byItsAuthor);
    } else if (byItsAuthor.isEmpty() && wanted != null && !wanted.equals(meeting.policy)) {
      report(write, transaction, meeting, "the schema asks for " + wanted);
    }
    if (!transaction.isCommitted()) {
      return;
    }
    List<Object> lawful = OF_ONE.contains(meeting.kind) ? ofOne(meeting, retractsWhateverIs(write, meeting.attribute))
        : ofMany(meeting);
    if (lawful != null && !texts(lawful).equals(texts(meeting.resolved))) {
      report(write, transaction, meeting, "that policy asks for " + lawful);
    }
    stands(write, transaction, meeting);
  }

  /** The policies that the transaction was pushed with, of its own or of its client; they go before the schema's. */
  private Set<String> askedByItsAuthor(LocalWrite write, Keyword attribute) {
    Set<String> names = new TreeSet<>();
    for (Intent intent : pushed.intents().getOrDefault(write.id(), Set.of())) {
      intent.terms().policies().forEach((named, policy) -> {
        if (isName(named, attribute)) {
          names.add(policy.name().name());
        }
      });
    }
    return names;
  }

  /** Whether a form retracts an attribute without naming a value. */
  private boolean retractsWhateverIs(LocalWrite write, Keyword attribute) {
    return write.pending().forms().stream().anyMatch(form -> form instanceof List<?> list && list.size() == 3
        && list.get(0).equals(RETRACT) && isName(list.get(2), attribute));
  }

  /** Whether that is what an attribute is called, or was called before it was renamed. */
  private boolean isName(Object named, Keyword attribute) {
    return named.equals(attribute)
        || named instanceof Keyword name && schema.entid(name) != null && schema.entid(name).equals(schema.entid(attribute));
  }

  /** What stands afterwards; null if this does not know. */
  private static List<Object> ofOne(Meeting meeting, boolean retractsWhateverIs) {
    List<Object> local = meeting.local;
    List<Object> remote = meeting.remote;
    return switch (meeting.policy) {
      // Retracting one value says nothing about the value that replaced it.
      case "last-writer-wins", "client-wins" -> local.isEmpty() && !retractsWhateverIs ? remote : local;
      case "first-writer-wins", "server-wins" -> remote;
      case "max" -> extreme(local, remote, 1);
      case "min" -> extreme(local, remote, -1);
      case "counter" -> number(local) == null || number(remote) == null || number(meeting.base) == null ? null
          : List.of(number(remote) + number(local) - number(meeting.base));
      default -> null;
    };
  }

  /** The greater of two values for a sign of 1, the smaller for -1, in the order of the index. */
  static List<Object> extreme(List<Object> local, List<Object> remote, int sign) {
    if (local.isEmpty() || remote.isEmpty()) {
      return local.isEmpty() ? remote : local;
    }
    return Values.compare(local.get(0), remote.get(0)) * sign > 0 ? local : remote;
  }

  /** Null if it is no whole number that fits. */
  private static Long number(List<Object> values) {
    return values.isEmpty() ? (Long) 0L : values.get(0) instanceof Long number ? number : null;
  }

  /** Of one value that one side asserted and the other retracted. */
  private static List<Object> ofMany(Meeting meeting) {
    return switch (meeting.policy) {
      case "last-writer-wins", "client-wins" -> meeting.local;
      case "first-writer-wins", "server-wins" -> meeting.remote;
      case "add-wins", "union" -> meeting.local.isEmpty() ? meeting.remote : meeting.local;
      case "remove-wins" -> List.of();
      default -> null;
    };
  }

  /** What the record says that stands does stand. */
  private void stands(LocalWrite write, LoggedTransaction transaction, Meeting meeting) {
    Long a = schema.entid(meeting.attribute);
    Attribute attribute = a == null ? null : schema.attribute(a);
    if (attribute == null || attribute.isRef()) {
      return;
    }
    TreeSet<String> there = new TreeSet<>(facts.getOrDefault(new Place(meeting.e, a), new TreeSet<>()));
    if (many.contains(a) || !asked.containsKey(a) && attribute.isMany()) {
      TreeSet<String> met = texts(meeting.local);
      met.addAll(texts(meeting.remote));
      there.retainAll(met);
    }
    if (!there.equals(texts(meeting.resolved))) {
      report(write, transaction, meeting, "there is " + there);
    }
  }

  private static TreeSet<String> texts(List<Object> values) {
    TreeSet<String> texts = new TreeSet<>();
    values.forEach(value -> texts.add(Edn.write(value)));
    return texts;
  }

  private void report(LocalWrite write, LoggedTransaction transaction, Meeting meeting, String instead) {
    findings.add(new Finding(Promise.INTENTION, write + " at T " + transaction.t() + " met " + meeting.remote + " at "
        + meeting.attribute + " of " + meeting.e + " (base " + meeting.base + ", wanted " + meeting.local + "), and "
        + meeting.policy + " made " + meeting.resolved + " of it; " + instead));
  }
}
