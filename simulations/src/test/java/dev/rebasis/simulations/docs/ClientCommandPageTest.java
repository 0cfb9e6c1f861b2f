package dev.rebasis.simulations.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rebasis.server.RebasisServer;
import dev.rebasis.simulations.cli.CommandRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the commands of docs/client-command.md, line by line, with a store and a server of the test's own. */
class ClientCommandPageTest {
  private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");

  @TempDir private Path folder;

  @Test
  void everyCommandOfThePageDoesWhatItSays() throws IOException {
    String page = Files.readString(Path.of("..", "docs", "client-command.md"));
    Matcher block = Pattern.compile("```sh\\R(.*?)```", Pattern.DOTALL).matcher(page);
    assertThat(block.find()).isTrue();
    List<String> lines = block.group(1).lines().toList();
    assertThat(lines).hasSizeGreaterThan(5);
    try (RebasisServer server = RebasisServer.builder().inMemory().start()) {
      for (String line : lines) {
        CommandRun.of(arguments(line, server.uri().toString())).done();
      }
    }
  }

  private String[] arguments(String line, String uri) {
    List<String> words = new ArrayList<>();
    Matcher word = WORD.matcher(line);
    while (word.find()) {
      words.add(word.group(1) != null ? word.group(1) : word.group(2));
    }
    assertThat(words.remove(0)).isEqualTo("rebasis");
    words.replaceAll(each -> each.equals("shop") ? folder.resolve("shop").toString() : each);
    words.replaceAll(each -> each.startsWith("http://") ? uri : each);
    return words.toArray(String[]::new);
  }
}
