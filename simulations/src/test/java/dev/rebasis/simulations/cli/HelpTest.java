package dev.rebasis.simulations.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

/** What each command, at every depth, says of itself. */
class HelpTest {
  private static Stream<CommandLine> withItsOwn(CommandLine command) {
    return Stream.concat(Stream.of(command), command.getSubcommands().values().stream().flatMap(HelpTest::withItsOwn));
  }

  private static Stream<String> texts(CommandSpec spec) {
    return Stream.concat(
        Stream.of(spec.usageMessage().header(), spec.usageMessage().description(), spec.usageMessage().footer()).flatMap(Stream::of),
        spec.args().stream().map(ArgSpec::description).flatMap(Stream::of));
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

  /** They are format strings: a lone percent sign makes the library complain on standard error. */
  @Test
  void noTextOfHelpIsABrokenFormat() {
    assertThat(withItsOwn(Rebasis.commandLine()).flatMap(command -> texts(command.getCommandSpec())))
        .allSatisfy(text -> assertThatCode(() -> String.format(text)).as(text).doesNotThrowAnyException());
  }
}
