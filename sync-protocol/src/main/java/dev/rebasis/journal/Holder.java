package dev.rebasis.journal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;

/** Says who holds a folder, for the message that a second opener gets. Pure but for the machine's name. */
public final class Holder {
  private static final Path KERNEL_NAME = Path.of("/proc/sys/kernel/hostname");

  private Holder() {}

  /**
   * This process in words, for example {@code process 4711 on host pad-3 since 2026-11-21T10:00:00Z}.
   *
   * @param since when it took the folder
   */
  public static String thisProcess(Instant since) {
    return text(ProcessHandle.current().pid(), hostName(KERNEL_NAME, System.getenv()), since);
  }

  static String text(long pid, String host, Instant since) {
    return "process " + pid + (host == null ? "" : " on host " + host) + " since "
        + since.truncatedTo(ChronoUnit.SECONDS);
  }

  /**
   * The machine's name, null if the machine does not tell at once. Never by the network: a look-up of the own name can
   * take seconds on a device that is offline, and this is on the way of every start.
   */
  static String hostName(Path kernelName, Map<String, String> environment) {
    try {
      String name = Files.readString(kernelName, StandardCharsets.UTF_8).strip();
      if (!name.isEmpty()) {
        return name;
      }
    } catch (IOException e) {
      // Not a Linux: its environment may know.
    }
    String windows = environment.get("COMPUTERNAME");
    return windows != null ? windows : environment.get("HOSTNAME");
  }
}
