package dev.rebasis.server.cli;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * Values for options that are not on the command line: from the environment ({@code REBASIS_TLS_CERT} for
 * {@code --tls-cert}), else from the properties file that {@code --config} or {@code REBASIS_CONFIG} names ({@code
 * tls-cert=...}), else the option's own default. An option that can be given several times has its values parted by commas
 * there. Confined to one thread.
 */
final class ServeDefaults implements IDefaultValueProvider {
  /** Where an option's value can stand, the one that goes first before the others. */
  enum Layer { COMMAND_LINE, ENVIRONMENT, FILE }

  private static final Keyword WRONG_SETTING = Keyword.of(":rebasis.error/wrong-setting");
  private static final String CONFIG = "--config";

  private final Map<String, String> environment;
  private Properties file;
  private String fileName;
  /** What is wrong with the file; null if nothing is. Thrown while picocli parses, it would stand in the midst of the parser's words. */
  private RebasisException fault;

  ServeDefaults() {
    this(System.getenv());
  }

  ServeDefaults(Map<String, String> environment) {
    this.environment = environment;
  }

  /** Asked when the command line has been read, so that the file that it names is known. */
  @Override
  public String defaultValue(ArgSpec argument) {
    if (!(argument instanceof OptionSpec option) || option.usageHelp() || option.versionHelp() || option.longestName().equals(CONFIG)) {
      return null;
    }
    String value = environment.get(variable(option));
    return value != null ? value : file(option.command()).getProperty(property(option));
  }

  /**
   * Where the value of an option stands; null if it has only its default.
   *
   * @param parsed what the command line held
   */
  Layer layer(String name, ParseResult parsed) {
    OptionSpec option = parsed.commandSpec().findOption(name);
    if (parsed.hasMatchedOption(name)) {
      return Layer.COMMAND_LINE;
    }
    if (environment.containsKey(variable(option))) {
      return Layer.ENVIRONMENT;
    }
    return file(parsed.commandSpec()).containsKey(property(option)) ? Layer.FILE : null;
  }

  /**
   * To be called before the values are used.
   *
   * @throws RebasisException if there is a file and it cannot be used
   */
  void check() {
    if (fault != null) {
      throw fault;
    }
  }

  private static String property(OptionSpec option) {
    return option.longestName().replaceFirst("^--", "");
  }

  private static String variable(OptionSpec option) {
    return "REBASIS_" + property(option).toUpperCase(Locale.ROOT).replace('-', '_');
  }

  private Properties file(CommandSpec command) {
    Path named = command.findOption(CONFIG).getValue();
    String name = named == null ? environment.get("REBASIS_CONFIG") : named.toString();
    // Whoever asks before the command line has been read is answered by another file than who asks after that.
    if (file == null || !Objects.equals(name, fileName)) {
      file = new Properties();
      fileName = name;
      fault = name == null ? null : load(name, command);
    }
    return file;
  }

  private RebasisException load(String name, CommandSpec command) {
    try (Reader in = Files.newBufferedReader(Path.of(name))) {
      file.load(in);
    } catch (IOException | IllegalArgumentException e) {
      return new RebasisException(WRONG_SETTING, ErrorCategory.FIX_REQUEST,
          "Cannot read the file of settings " + name + " (" + e + "). Name another with --config or REBASIS_CONFIG.", Map.of(), e);
    }
    // A mistyped name would leave the server without what it was to say: without tokens, for example.
    Set<String> unknown = new TreeSet<>(file.stringPropertyNames());
    command.options().forEach(option -> unknown.remove(property(option)));
    return unknown.isEmpty() ? null : new RebasisException(WRONG_SETTING, ErrorCategory.FIX_REQUEST,
        "The file of settings " + name + " holds what is no option: " + String.join(", ", unknown) + ". 'serve --help' lists them.");
  }
}
