package dev.rebasis.simulations.demo;

import dev.rebasis.simulations.process.JavaProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** A {@link DemoClient} seen from the demo: its process, which can be killed and started again on the same store. */
final class DemoNode implements AutoCloseable {
  private static final long ANSWER_SECONDS_MAX = 150;

  /** What the server made of one transaction. */
  record Decided(String kind, boolean duplicate, long t, String code, String message) {}

  private final String name;
  private final Path folder;
  private final String uri;
  private final Path plan;
  private final Map<UUID, Integer> editById = new LinkedHashMap<>();
  private final Map<UUID, Decided> outcomes = new LinkedHashMap<>();
  private JavaProcess process;

  DemoNode(String name, Path folder, String uri, Path plan) {
    this.name = name;
    this.folder = folder;
    this.uri = uri;
    this.plan = plan;
  }

  String name() {
    return name;
  }

  /** Starts the process; returns how many transactions are pending in its store. */
  int start() {
    process = JavaProcess.start(name, folder.resolveSibling(name + ".log"), DemoRun.JVM_OPTIONS,
        DemoClient.class.getName(), List.of(folder.toString(), uri, plan.toString()));
    return Integer.parseInt(await("ready")[1]);
  }

  void tell(String command) {
    process.writeLine(command);
  }

  /** Sends a command and waits for the answer that begins with this word; returns its cells. */
  String[] ask(String command, String answer) {
    tell(command);
    return await(answer);
  }

  /** Waits for a line that begins with this word, and notes outcomes and made edits on the way. */
  String[] await(String word) {
    String line = process.awaitLine(text -> {
      note(text);
      return text.equals(word) || text.startsWith(word + "\t");
    }, ANSWER_SECONDS_MAX);
    return line.split("\t", -1);
  }

  private void note(String line) {
    String[] cells = line.split("\t", -1);
    if (cells[0].equals("outcome")) {
      outcomes.put(UUID.fromString(cells[1]),
          new Decided(cells[2], Boolean.parseBoolean(cells[3]), Long.parseLong(cells[4]), cells[5], cells[6]));
    } else if (cells[0].equals("made")) {
      editById.put(UUID.fromString(cells[2]), Integer.parseInt(cells[1]));
    }
  }

  /** Waits until this many outcomes have been seen. */
  void awaitOutcomes(int count) {
    while (outcomes.size() < count) {
      await("outcome");
    }
  }

  /** The number of the edit that each transaction of this client was, from 1; loading is not among them. */
  Map<UUID, Integer> editById() {
    return editById;
  }

  /** A pending transaction that was found after a restart and that the killed process did not get to name. */
  void found(UUID id, int edit) {
    editById.putIfAbsent(id, edit);
  }

  Map<UUID, Decided> outcomes() {
    return outcomes;
  }

  List<Decided> outcomesOf(String kind) {
    return new ArrayList<>(outcomes.values().stream().filter(o -> o.kind().equals(kind)).toList());
  }

  void kill() {
    process.kill();
  }

  /** Ends it in good order; returns its exit status. */
  int quit() {
    tell("quit");
    return process.awaitExit(60);
  }

  @Override
  public void close() {
    if (process != null) {
      process.close();
    }
  }
}
