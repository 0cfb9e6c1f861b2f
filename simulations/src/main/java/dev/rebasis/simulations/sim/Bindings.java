package dev.rebasis.simulations.sim;

import dev.rebasis.client.Pending;
import dev.rebasis.simulations.check.LocalWrite;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;

/** Remembers which writes were bound together, when they were made or later, and what is gone with one that is taken back. Confined. */
final class Bindings {
  private final Map<UUID, LocalWrite> writes;

  /**
   * Has none yet.
   *
   * @param writes by id, a live view
   */
  Bindings(Map<UUID, LocalWrite> writes) {
    this.writes = writes;
  }

  /** Of these all or none will be committed. */
  void together(List<Pending> all) {
    if (all.size() > 1) {
      Set<UUID> ids = new LinkedHashSet<>();
      all.forEach(each -> ids.add(each.id()));
      ids.forEach(id -> writes.get(id).boundWith(ids));
    }
  }

  /** Its author bound writes together that waited. */
  void bound(List<UUID> ids) {
    known(ids).forEach(write -> write.boundLater(Set.copyOf(ids)));
  }

  /** Its program died as it did that. */
  void mayBeBound(List<UUID> ids) {
    known(ids).forEach(write -> write.mayBeBound(Set.copyOf(ids)));
  }

  /** A write and those bound with it were taken back before they were sent. */
  void withdrawn(LocalWrite write) {
    mayBeWithdrawn(write);
    known(write.surelyTogether()).forEach(LocalWrite::withdrawn);
  }

  /** Its program died as it took it back. */
  void mayBeWithdrawn(LocalWrite write) {
    known(write.perhapsTogether()).forEach(LocalWrite::mayBeWithdrawn);
  }

  private List<LocalWrite> known(Collection<UUID> ids) {
    return ids.stream().map(writes::get).filter(Objects::nonNull).toList();
  }
}
