package dev.rebasis.simulations.check;

import dev.rebasis.client.ConflictRecord;
import dev.rebasis.client.Database;
import dev.rebasis.client.Pending;
import dev.rebasis.data.Datom;
import dev.rebasis.data.IndexOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Own writes stay visible until they are decided: what a client told of each when it was made is still so. Pure functions. */
public final class OwnWrites {
  private record Fact(long e, long a, Object v) {}

  private OwnWrites() {}

  /**
   * What is not seen, or seen still, of what pending writes said. Only asked where nothing was confirmed since the first of them
   * was made, and where it is known of all of them what they were to do.
   *
   * @param pending what the client has pending, in order
   * @param known a write by its id; null if nobody was told of it
   * @param confirmedT the client's confirmed T
   * @param shown the client's optimistic view
   * @return sentences, none if all is there or if it cannot be asked
   */
  public static List<String> hidden(List<Pending> pending, Function<UUID, LocalWrite> known, long confirmedT, Database shown) {
    Map<Fact, Boolean> net = new LinkedHashMap<>();
    Map<Fact, LocalWrite> last = new LinkedHashMap<>();
    for (Pending each : pending) {
      LocalWrite write = known.apply(each.id());
      if (write == null || !write.isPredictionKnown() || !write.isNumberingKnown() || write.isOnForgotten()
          || each.basisT() != confirmedT) {
        return List.of();
      }
      for (Datom datom : write.predicted()) {
        Fact fact = new Fact(datom.e(), datom.a(), datom.v());
        net.put(fact, datom.added());
        last.put(fact, write);
      }
    }
    List<String> hidden = new ArrayList<>();
    net.forEach((fact, added) -> {
      if (shown.datoms(IndexOrder.EAVT, fact.e, fact.a, fact.v).iterator().hasNext() != added) {
        hidden.add(last.get(fact) + " is pending and its client " + (added ? "does not show" : "still shows") + " [" + fact.e + " "
            + fact.a + " " + fact.v + "]");
      }
    });
    return hidden;
  }

  /** Whether a view of what is confirmed has this transaction. */
  public static boolean isConfirmed(UUID id, Database confirmed) {
    return confirmed.attribute(":rebasis.tx/id") != null
        && confirmed.datoms(IndexOrder.AVET, ":rebasis.tx/id", id).iterator().hasNext();
  }

  /**
   * What a client set aside by itself and has no more.
   *
   * @param writes everybody's
   * @param kept the records that the client has
   * @return sentences, none if all is there
   */
  public static List<String> forgotten(String client, Collection<LocalWrite> writes, Collection<ConflictRecord> kept) {
    Set<UUID> ids = kept.stream().map(ConflictRecord::id).collect(Collectors.toSet());
    return writes.stream().filter(write -> write.client().equals(client) && write.isSetAside() && !write.isReturnAllowed()
        && !ids.contains(write.id())).map(write -> write + " was set aside by its client, which has it no more").toList();
  }
}
