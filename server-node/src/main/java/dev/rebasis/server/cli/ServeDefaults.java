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
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Values for options that are not on the command line: from the environment ({@code REBASIS_TLS_CERT} for
 * {@code --tls-cert}), else from the properties file that {@code --config} or {@code REBASIS_CONFIG} names ({@code
 * tls-cert=...}), else the option's own default. An option that can be given several times has its values parted by commas
 * there. Confined to one thread.
 */
final class ServeDefaults implements IDefaultValueProvider {
  private static final String CONFIG = "config";

  private final Map<String, String> environment;
  /** What the command line names; null if it names none. */
  private final Path named;
  private Properties file;

  ServeDefaults() {
    this(System.getenv());
  }

  ServeDefaults(Map<String, String> environment) {
    this(environment, null);
  }

  /** By this file, whichever the environment names. */
  ServeDefaults(Map<String, String> environment, Path named) {
    this.environment = environment;
    this.named = named;
  }

  /** Whether it goes by this file. */
  boolean isOf(Path wanted) {
    return wanted.equals(named);
  }

  @Override
  public String defaultValue(ArgSpec argument) {
    if (!(argument instanceof OptionSpec option) || option.usageHelp() || option.versionHelp()) {
      return null;
    }
    String name = option.longestName().replaceFirst("^--", "");
    if (name.equals(CONFIG)) {
      return null;
    }
    String value = environment.get("REBASIS_" + name.toUpperCase(Locale.ROOT).replace('-', '_'));
    return value != null ? value : file(option.command()).getProperty(name);
  }

  private Properties file(CommandSpec command) {
    if (file == null) {
      Properties read = new Properties();
      String name = named == null ? environment.get("REBASIS_CONFIG") : named.toString();
      if (name != null) {
        try (Reader in = Files.newBufferedReader(Path.of(name))) {
          read.load(in);
        } catch (IOException e) {
          throw new RebasisException(Keyword.of(":rebasis.error/wrong-setting"), ErrorCategory.FIX_REQUEST,
              "Cannot read the file of settings " + name + " (" + e + "). Name another with --config or REBASIS_CONFIG.",
              Map.of(), e);
        }
        refuseUnknown(name, read, command);
      }
      // Not before it is found good: who asks first may pass over the error, and the next one is to be told.
      file = read;
    }
    return file;
  }

  /** A mistyped name would leave the server without what it was to say: without tokens, for example. */
  private static void refuseUnknown(String name, Properties read, CommandSpec command) {
    Set<String> unknown = new TreeSet<>(read.stringPropertyNames());
    command.options().forEach(option -> unknown.remove(option.longestName().replaceFirst("^--", "")));
    if (!unknown.isEmpty()) {
      throw new RebasisException(Keyword.of(":rebasis.error/wrong-setting"), ErrorCategory.FIX_REQUEST,
          "The file of settings " + name + " holds what is no option: " + String.join(", ", unknown) + ". 'serve --help' lists them.");
    }
  }
}
