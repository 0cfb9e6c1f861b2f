package dev.rebasis.simulations.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What each command, at every depth, says of itself. */
class HelpTest {
  private static final Map<String, String> PAGES = Map.of("serve", "docs/server.md", "log", "docs/server.md",
      "devices", "docs/server.md", "client", "docs/client-command.md", "demo", "docs/demo.md",
      "simulate", "docs/simulations.md", "bench", "docs/benchmarks.md", "help", "README.md");
  private static final Set<String> OF_ALL = Set.of("--help", "--version", "--verbose", "--log-format");

  private static Stream<CommandLine> withItsOwn(CommandLine command) {
    return Stream.concat(Stream.of(command), command.getSubcommands().values().stream().flatMap(HelpTest::withItsOwn));
  }

  private static Stream<String> texts(CommandSpec spec) {
    return Stream.concat(
        Stream.of(spec.usageMessage().header(), spec.usageMessage().description(), spec.usageMessage().footer()).flatMap(Stream::of),
        spec.args().stream().map(ArgSpec::description).flatMap(Stream::of));
  }

  /** Not as a part of another name: {@code log} does not stand where {@code catalog} or {@code --log-format} does. */
  private static String asAWord(String name) {
    return "(?<![A-Za-z0-9-])" + Pattern.quote(name) + "(?![A-Za-z0-9-])";
  }

  @Test
  void everyCommandSaysWhatItAndItsOptionsDo() {
    List<CommandLine> commands = withItsOwn(Rebasis.commandLine()).toList();

    assertThat(commands.size()).isGreaterThan(30);
    assertThat(commands).allSatisfy(command -> {
      CommandSpec spec = command.getCommandSpec();
      assertThat(spec.usageMessage().description()).as(spec.qualifiedName()).isNotEmpty();
      assertThat(spec.args()).allSatisfy(arg -> assertThat(arg.description()).as(spec.qualifiedName() + " " + arg).isNotEmpty());
    });
  }

  @Test
  void everyCommandAndOptionStandsOnItsPage() throws IOException {
    Map<String, CommandLine> commands = Rebasis.commandLine().getSubcommands();
    assertThat(commands.keySet()).containsExactlyInAnyOrderElementsOf(PAGES.keySet());
    for (Map.Entry<String, String> page : PAGES.entrySet()) {
      String text = Files.readString(Path.of("..", page.getValue()));
      withItsOwn(commands.get(page.getKey())).filter(command -> !command.getCommandName().equals("help")).forEach(command -> {
        CommandSpec spec = command.getCommandSpec();
        assertThat(text).as("%s on %s", spec.qualifiedName(), page.getValue()).containsPattern(asAWord(spec.name()));
        spec.options().stream().map(OptionSpec::longestName).filter(option -> !OF_ALL.contains(option)).forEach(option ->
            assertThat(text).as("%s of %s on %s", option, spec.qualifiedName(), page.getValue())
                .containsPattern(asAWord(option)));
      });
    }
  }

  /** They are format strings: a lone percent sign makes the library complain on standard error. */
  @Test
  void noTextOfHelpIsABrokenFormat() {
    assertThat(withItsOwn(Rebasis.commandLine()).flatMap(command -> texts(command.getCommandSpec())))
        .allSatisfy(text -> assertThatCode(() -> String.format(text)).as(text).doesNotThrowAnyException());
  }
}
