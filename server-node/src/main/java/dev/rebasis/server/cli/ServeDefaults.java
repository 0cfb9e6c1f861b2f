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
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Values for options that are not on the command line: from the environment ({@code REBASIS_TLS_CERT} for
 * {@code --tls-cert}), else from the properties file that {@code REBASIS_CONFIG} names ({@code tls-cert=...}), else the
 * option's own default. Confined to one thread.
 */
final class ServeDefaults implements IDefaultValueProvider {
  private final Map<String, String> environment;
  private Properties file;

  ServeDefaults() {
    this(System.getenv());
  }

  ServeDefaults(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public String defaultValue(ArgSpec argument) {
    if (!(argument instanceof OptionSpec option) || option.usageHelp() || option.versionHelp()) {
      return null;
    }
    String name = option.longestName().replaceFirst("^--", "");
    String value = environment.get("REBASIS_" + name.toUpperCase(Locale.ROOT).replace('-', '_'));
    return value != null ? value : file().getProperty(name);
  }

  private Properties file() {
    if (file == null) {
      file = new Properties();
      String name = environment.get("REBASIS_CONFIG");
      if (name != null) {
        try (Reader in = Files.newBufferedReader(Path.of(name))) {
          file.load(in);
        } catch (IOException e) {
          throw new RebasisException(Keyword.of(":rebasis.error/wrong-setting"), ErrorCategory.FIX_REQUEST,
              "Cannot read the file " + name + " that REBASIS_CONFIG names (" + e + ").", Map.of(), e);
        }
      }
    }
    return file;
  }
}
