package dev.rebasis.server.internal.master;

import datomic.Database;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Intent;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.protocol.RebasisSchema;
import dev.rebasis.protocol.Terms;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What an operator does about clients' devices: revokes one, and takes up what is parked of a lost one. {@link DeviceLists}
 * tells which there are. What was made together is taken up together, or given up together.
 *
 * <p>That nothing is taken up twice is no matter of the desk: {@link PushDecider} rejects what is committed or given up already,
 * whoever retries it, so that two operators or a device that comes back may do so at once.
 * Confined to the core, like the master.
 */
public final class DeviceDesk {
  private final Master master;

  /** On this master. */
  public DeviceDesk(Master master) {
    this.master = master;
  }

  /** Lets a device in no more, or again. */
  public void setRevoked(long number, boolean revoked, Master.Answer<Master.Transacted> answer) {
    if (!DeviceLists.exists(master.database(), number)) {
      answer.refused(unknown("device", "There is no device with the number " + number + "."));
      return;
    }
    master.transact(List.of(List.of(Names.DB_ADD, List.of(RebasisSchema.CLIENT_NUMBER, number),
        RebasisSchema.CLIENT_REVOKED, revoked)), answer);
  }

  /**
   * Gives a parked transaction up, with its group. Whether it still waits is decided in turn with what devices push: of this
   * and a retry that is not durable yet, the first counts.
   */
  public void discard(UUID id, Master.Answer<Master.Transacted> answer) {
    master.transactOn(newest -> open(newest, id).stream().map(one -> List.of(Names.DB_ADD,
        List.of(RebasisSchema.TX_ID, one.id()), RebasisSchema.TX_SETTLED, RetryChain.DISCARDED)).toList(), answer);
  }

  /**
   * The parked transaction and its group, in order.
   *
   * @throws RebasisException if it does not wait for anybody
   */
  private static List<DeviceLists.Parked> open(Database now, UUID id) {
    DeviceLists.Parked one = DeviceLists.parked(now, id);
    if (one == null || one.settled() != null) {
      throw unknown("transaction", "No transaction " + id + " is parked and unsettled.");
    }
    return one.group() == null ? List.of(one) : DeviceLists.parked(now, one.client()).stream()
        .filter(other -> one.group().equals(other.group()) && other.settled() == null)
        .sorted(Comparator.comparingLong(DeviceLists.Parked::seq)).toList();
  }

  /**
   * Decides a parked transaction, with its group, again on the database of now, as one of the operator's own that takes it up.
   *
   * @param now the time
   * @param operator who does it, by the rules that hold for the operator
   * @param answer gets what became of the one that was asked for
   */
  public void retry(UUID id, Instant now, Access operator, Master.Answer<PushOutcome> answer) {
    List<DeviceLists.Parked> parked;
    try {
      parked = open(master.database(), id);
    } catch (RebasisException e) {
      answer.refused(e);
      return;
    }
    if (parked.stream().anyMatch(one -> one.forms() == null)) {
      answer.refused(unknown("transaction", "What was pushed of the transaction " + id + ", or with it, is not known: it was excised, or an"
          + " earlier version parked it."));
      return;
    }
    // A client number of its own: its local numbers must not meet those of another.
    master.clientNumber(DeviceLists.deskStore(master.newId()), new Master.Answer<>() {
      @Override
      public void done(Long number) {
        int asked = parked.stream().map(DeviceLists.Parked::id).toList().indexOf(id);
        List<Intent> intents = intents(parked, now);
        master.push(new Again(number, intents, known(intents, parked.get(0).client()), operator, asked, answer));
      }

      @Override
      public void refused(RebasisException reason) {
        answer.refused(reason);
      }
    });
  }

  private List<Intent> intents(List<DeviceLists.Parked> parked, Instant now) {
    UUID group = master.newId();
    List<Intent> intents = new ArrayList<>();
    for (DeviceLists.Parked one : parked) {
      intents.add(ParkedForms.read(one.forms(), master.newId(), intents.size() + 1, master.forcedT(), now, one.id(),
          parked.size() == 1 ? null : new Terms.Group(group, parked.size(), intents.size())));
    }
    return intents;
  }

  /**
   * What the lost client's local ids stand for: those that it was told itself, and those of its transactions that operators
   * took up under numbers of their own.
   */
  private Map<Long, Long> known(List<Intent> intents, long client) {
    Database now = master.database();
    Map<Long, Long> known = new LinkedHashMap<>();
    for (DeviceLists.Parked one : DeviceLists.parked(now, client)) {
      Object tx = now.entid(clojure.lang.Tuple.create(DatomicValues.keyword(RebasisSchema.TX_ID), one.id()));
      RetryChain.members(now, (Long) tx).forEach(newer -> known.putAll(MadeIndex.of(now.entity(newer))));
    }
    intents.forEach(intent -> collect(now, intent.forms(), client, known));
    intents.forEach(intent -> intent.tempids().values().forEach(known::remove));
    return known;
  }

  /** Finds the local ids in forms, and adds the numbers of those that were told to a client. */
  static void collect(Database now, Object form, long client, Map<Long, Long> known) {
    if (form instanceof Long id && id < 0) {
      Long entity = MadeIndex.look(now, client, -id);
      if (entity != null) {
        known.put(-id, entity);
      }
    } else if (form instanceof Map<?, ?> map) {
      map.forEach((key, value) -> {
        collect(now, key, client, known);
        collect(now, value, client, known);
      });
    } else if (form instanceof Iterable<?> elements) {
      elements.forEach(element -> collect(now, element, client, known));
    }
  }

  /**
   * What an operator pushes.
   *
   * @param asked which of the outcomes the operator waits for
   */
  private static final class Again implements Master.Push {
    private final long number;
    private final List<Intent> intents;
    private final Map<Long, Long> known;
    private final Access operator;
    private final int asked;
    private final Master.Answer<PushOutcome> answer;
    private final List<PushOutcome> outcomes = new ArrayList<>();

    Again(long number, List<Intent> intents, Map<Long, Long> known, Access operator, int asked,
        Master.Answer<PushOutcome> answer) {
      this.number = number;
      this.intents = intents;
      this.known = known;
      this.operator = operator;
      this.asked = asked;
      this.answer = answer;
    }

    @Override
    public long client() {
      return number;
    }

    @Override
    public String user() {
      return operator.userName();
    }

    @Override
    public Access access() {
      return operator.takingUp();
    }

    @Override
    public List<Intent> intents() {
      return intents;
    }

    @Override
    public Map<Long, Long> known() {
      return known;
    }

    @Override
    public void decided(List<PushOutcome> more) {
      outcomes.addAll(more);
      if (outcomes.size() == intents.size()) {
        answer.done(outcomes.get(asked));
      }
    }

    @Override
    public void refused(RebasisException reason) {
      answer.refused(reason);
    }
  }

  private static RebasisException unknown(String what, String why) {
    return new RebasisException(Keyword.of(":rebasis.error/unknown-" + what), ErrorCategory.FIX_REQUEST,
        why + " Look at the lists of devices and of what is parked.");
  }
}
