package dev.rebasis.server.wiring;

import datomic.Database;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.server.internal.master.Access;
import dev.rebasis.server.internal.master.DeviceDesk;
import dev.rebasis.server.internal.master.DeviceLists;
import dev.rebasis.server.internal.master.Master;
import dev.rebasis.server.internal.session.Contacts;
import dev.rebasis.server.internal.session.ServerMachine;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** What operators ask and decide about the devices of one database. Thread-safe. */
final class DatabaseDesk implements DevicePages.Desk {
  private final Master master;
  private final ServerMachine machine;
  private final CoreCalls calls;
  private final DeviceDesk real;

  DatabaseDesk(Master master, ServerMachine machine, CoreCalls calls) {
    this.master = master;
    this.machine = machine;
    this.calls = calls;
    this.real = new DeviceDesk(master);
  }

  @Override
  public List<DevicePages.Seen> devices() {
    Map<Long, Contacts.Contact> contacts = calls.ask(machine::contacts);
    // The value does not change, and the walk over it is long.
    return DeviceLists.devices(database()).stream()
        .map(device -> new DevicePages.Seen(device, contacts.get(device.number()))).toList();
  }

  @Override
  public List<DeviceLists.Parked> parked(long client) {
    return DeviceLists.parked(database(), client);
  }

  private Database database() {
    return calls.ask(master::database);
  }

  @Override
  public void setRevoked(long number, boolean revoked) {
    calls.<Master.Transacted>done(answer -> real.setRevoked(number, revoked, answer));
  }

  @Override
  public void discard(UUID id) {
    calls.<Master.Transacted>done(answer -> real.discard(id, answer));
  }

  @Override
  public PushOutcome retry(UUID id, Access operator) {
    return calls.<PushOutcome>done(answer -> real.retry(id, Instant.now(), operator, answer));
  }
}
