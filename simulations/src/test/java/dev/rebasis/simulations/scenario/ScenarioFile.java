package dev.rebasis.simulations.scenario;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A scenario as it stands in its file: a heading of comment lines, then steps, each followed by its expected output.
 *
 * <pre>
 * # Two sentences that say what happens and what must come out.
 *
 * c1 transact [{:order/number "A-1"}]
 * =&gt; ok ?order
 * </pre>
 *
 * <p>A step is one line; a line that begins with white space continues it. Lines that begin with {@code =>} are the
 * output that the step above them must give. Empty lines and comments between steps are kept when the outputs are
 * rewritten.
 */
final class ScenarioFile {
  /** One step: where it stands, what it does, what it must print. */
  record Step(int line, String command, List<String> expected, int firstOutputLine, int lastOutputLine) {}

  private static final String OUTPUT = "=>";

  private final Path path;
  private final List<String> lines;
  private final List<Step> steps = new ArrayList<>();

  private ScenarioFile(Path path, List<String> lines) {
    this.path = path;
    this.lines = lines;
  }

  static ScenarioFile read(Path path) {
    try {
      ScenarioFile file = new ScenarioFile(path, Files.readAllLines(path));
      file.parse();
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read scenario " + path, e);
    }
  }

  /** Where a step stands, as {@code file:line}. */
  String at(Step step) {
    return path.getFileName() + ":" + step.line();
  }

  List<Step> steps() {
    return steps;
  }

  String heading() {
    StringBuilder heading = new StringBuilder();
    for (String line : lines) {
      if (!line.startsWith("#")) {
        break;
      }
      heading.append(line.substring(1).strip()).append(' ');
    }
    return heading.toString().strip();
  }

  private void parse() {
    int i = 0;
    while (i < lines.size()) {
      String line = lines.get(i);
      if (line.isBlank() || line.startsWith("#")) {
        i++;
        continue;
      }
      if (line.startsWith(OUTPUT)) {
        throw new IllegalArgumentException(path.getFileName() + ":" + (i + 1) + ": an output without a step above it");
      }
      i = parseStep(i);
    }
    if (heading().split("[.!?](\\s|$)").length < 2) {
      throw new IllegalArgumentException(path.getFileName() + ": begins with two sentences that say what it shows");
    }
  }

  private int parseStep(int start) {
    StringBuilder command = new StringBuilder(lines.get(start).strip());
    int i = start + 1;
    while (i < lines.size() && !lines.get(i).isBlank() && Character.isWhitespace(lines.get(i).charAt(0))) {
      command.append(' ').append(lines.get(i).strip());
      i++;
    }
    int firstOutput = i;
    List<String> expected = new ArrayList<>();
    while (i < lines.size() && lines.get(i).startsWith(OUTPUT)) {
      expected.add(lines.get(i).substring(OUTPUT.length()).strip());
      i++;
    }
    steps.add(new Step(start + 1, command.toString(), expected, firstOutput, i));
    return i;
  }

  /** Writes the file anew with these outputs, one list per step, in order. */
  void rewrite(List<List<String>> outputs) {
    List<String> rewritten = new ArrayList<>();
    int copied = 0;
    for (int s = 0; s < steps.size(); s++) {
      Step step = steps.get(s);
      rewritten.addAll(lines.subList(copied, step.firstOutputLine()));
      for (String output : outputs.get(s)) {
        rewritten.add(OUTPUT + " " + output);
      }
      copied = step.lastOutputLine();
    }
    rewritten.addAll(lines.subList(copied, lines.size()));
    try {
      Files.write(path, rewritten);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot rewrite scenario " + path, e);
    }
  }
}
