package dev.rebasis.server.wiring;

import java.util.ArrayDeque;

/** Closes what was opened, last first, when a start fails half-way. Confined. */
final class Closer {
  private final ArrayDeque<AutoCloseable> opened = new ArrayDeque<>();

  <T extends AutoCloseable> T add(T resource) {
    opened.push(resource);
    return resource;
  }

  /** Closes all; what fails is added to the reason. */
  void closeAll(Exception reason) {
    for (AutoCloseable resource : opened) {
      try {
        resource.close();
      } catch (Exception e) {
        reason.addSuppressed(e);
      }
    }
  }
}
