package dev.rebasis.server.wiring;

import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.PushOutcome;
import dev.rebasis.server.internal.master.Access;
import dev.rebasis.server.internal.master.DeviceLists;
import dev.rebasis.server.internal.session.Contacts;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operator's pages about devices, below {@code /db/{name}}: {@code GET /devices}, {@code POST /devices/N/revoke} and
 * {@code /admit}, {@code GET /devices/N/parked}, {@code POST /parked/ID/retry} and {@code /discard}. Pure functions but for
 * the desk.
 */
final class DevicePages {
  private static final Pattern DEVICE = Pattern.compile("/devices/(\\d{1,18})/(revoke|admit|parked)");
  private static final Pattern PARKED = Pattern.compile("/parked/([0-9a-f-]{36})/(retry|discard)");

  private static final Logger LOG = LoggerFactory.getLogger(DevicePages.class);

  /** Does the work; may be called by any thread, and blocks until it is durable. */
  interface Desk {
    List<Seen> devices();

    List<DeviceLists.Parked> parked(long client);

    void setRevoked(long number, boolean revoked);

    void discard(UUID id);

    PushOutcome retry(UUID id, Access operator);
  }

  /**
   * A device and when it was last here.
   *
   * @param contact as far as this run of the server knows; null if it does not
   */
  record Seen(DeviceLists.Device device, Contacts.Contact contact) {
    String user() {
      return contact == null ? device.user() : contact.user();
    }

    Instant lastContact() {
      return contact != null ? contact.at() : device.lastPush();
    }
  }

  private DevicePages() {}

  /** Whether the path, behind the database's own, is one of these pages. */
  static boolean has(String path) {
    return path.equals("/devices") || DEVICE.matcher(path).matches() || PARKED.matcher(path).matches();
  }

  static void handle(String method, String path, Response response, Callback callback, Access access, Desk desk) {
    if (!access.isOperator()) {
      Pages.error(response, callback, HttpStatus.FORBIDDEN_403, ":rebasis.error/forbidden",
          "Devices are looked after by users with the role '" + Access.OPERATOR + "'.");
      return;
    }
    boolean reads = path.equals("/devices") || path.endsWith("/parked");
    if (!method.equals(reads ? "GET" : "POST")) {
      Pages.error(response, callback, HttpStatus.METHOD_NOT_ALLOWED_405, ":rebasis.error/wrong-method",
          "Use " + (reads ? "GET" : "POST") + " for this page.");
      return;
    }
    try {
      String answer = answer(path, access, desk);
      if (!reads) {
        LOG.atInfo().addKeyValue(LogKeys.USER, access.userName()).log("An operator did {}: {}", path, answer);
      }
      Pages.json(response, callback, HttpStatus.OK_200, answer);
    } catch (RebasisException e) {
      Pages.error(response, callback, HttpStatus.CONFLICT_409, e.code().toString(), e.getMessage());
    }
  }

  private static String answer(String path, Access access, Desk desk) {
    if (path.equals("/devices")) {
      return array(desk.devices().stream().map(DevicePages::json).toList());
    }
    Matcher device = DEVICE.matcher(path);
    if (device.matches()) {
      long number = Long.parseLong(device.group(1));
      if (device.group(2).equals("parked")) {
        return array(desk.parked(number).stream().map(DevicePages::json).toList());
      }
      desk.setRevoked(number, device.group(2).equals("revoke"));
      return "{\"number\":" + number + ",\"revoked\":" + device.group(2).equals("revoke") + "}";
    }
    Matcher parked = PARKED.matcher(path);
    if (!parked.matches()) {
      throw new IllegalStateException("no page: " + path);
    }
    UUID id = UUID.fromString(parked.group(1));
    if (parked.group(2).equals("discard")) {
      desk.discard(id);
      return "{\"id\":\"" + id + "\",\"settled\":\"discarded\"}";
    }
    PushOutcome outcome = desk.retry(id, access);
    return "{\"id\":\"" + outcome.id() + "\",\"kind\":" + Pages.quoted(outcome.kind().name().toLowerCase(Locale.ROOT))
        + ",\"t\":" + outcome.t() + ",\"message\":" + text(outcome.message()) + "}";
  }

  private static String array(List<String> elements) {
    return elements.stream().collect(Collectors.joining(",\n ", "[", "]"));
  }

  private static String json(Seen seen) {
    DeviceLists.Device device = seen.device();
    return "{\"number\":" + device.number() + ",\"store\":" + text(device.store()) + ",\"user\":" + text(seen.user())
        + ",\"connected\":" + (seen.contact() != null && seen.contact().connected()) + ",\"lastContact\":"
        + text(seen.lastContact()) + ",\"lastPush\":" + text(device.lastPush()) + ",\"revoked\":" + device.revoked()
        + ",\"parked\":" + device.parked() + "}";
  }

  private static String json(DeviceLists.Parked parked) {
    return "{\"id\":" + text(parked.id()) + ",\"client\":" + parked.client() + ",\"user\":" + text(parked.user()) + ",\"t\":"
        + parked.t() + ",\"seq\":" + parked.seq() + ",\"reason\":" + text(parked.reason()) + ",\"message\":"
        + text(parked.message()) + ",\"forms\":" + text(parked.forms()) + ",\"settled\":"
        + (parked.settled() == null ? "null" : Pages.quoted(parked.settled().name())) + "}";
  }

  private static String text(Object value) {
    return value == null ? "null" : Pages.quoted(value.toString());
  }
}
