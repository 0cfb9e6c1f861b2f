package dev.rebasis.server.cli;

import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import dev.rebasis.protocol.Fork;
import dev.rebasis.server.internal.master.LogArchive;
import dev.rebasis.server.wiring.LogTool;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Looks after the log of a server. */
@Command(
    name = "log",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Lists, verifies, backs up and restores the log of a server's embedded database.")
public final class LogCommand implements Runnable {
  private static final String DATA = "rebasis-data";

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name a command: list, verify, export, backup, restore, fork, excise or excise-online.");
  }

  private void say(String line) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(line);
    out.flush();
  }

  @Command(mixinStandardHelpOptions = true, description = "Shows the transactions of a log that no server has open.")
  int list(
      @Option(names = "--data", paramLabel = "DIR", defaultValue = DATA, description = "The folder.") Path data,
      @Option(names = "--after", paramLabel = "T", defaultValue = "0", description = "Only those after this T.") long after,
      @Option(names = "--max", paramLabel = "N", defaultValue = "100", description = "At most so many.") long max) {
    long[] shown = new long[2];
    new LogTool(data).list(entry -> {
      if (entry.t() > after && shown[0]++ < max) {
        say(entry.t() + " " + entry.txInstant() + " " + entry.forms());
      }
      shown[1]++;
    });
    say(Math.min(shown[0], max) + " of " + shown[1] + " transactions");
    return 0;
  }

  @Command(mixinStandardHelpOptions = true,
      description = "Replays a log that no server has open, and compares what comes of it with what the log says.")
  int verify(@Option(names = "--data", paramLabel = "DIR", defaultValue = DATA, description = "The folder.") Path data) {
    LogArchive.Summary summary = new LogTool(data).verify();
    say("All is well: " + summary.transactions() + " transactions, T " + summary.t());
    return 0;
  }

  @Command(mixinStandardHelpOptions = true,
      description = "Writes a log that no server has open as a text file; compressed if its name ends in .gz.")
  int export(
      @Option(names = "--data", paramLabel = "DIR", defaultValue = DATA, description = "The folder.") Path data,
      @Parameters(paramLabel = "FILE", description = "The file to write.") Path file) throws IOException {
    LogArchive.Summary[] summary = new LogArchive.Summary[1];
    write(file, out -> summary[0] = new LogTool(data).export(out));
    say("Wrote " + summary[0].transactions() + " transactions, T " + summary[0].t() + ", to " + file);
    return 0;
  }

  @Command(mixinStandardHelpOptions = true, description = {
      "Writes the log of a running server to a file, in the form of export, while the server goes on.",
      "The token must be that of a user with the role 'operator', unless the server lets everyone in."})
  int backup(
      @Mixin OperatorRequest server,
      @Parameters(paramLabel = "FILE", description = "The file to write; compressed if its name ends in .gz.") Path file)
      throws IOException {
    server.send("GET", "/log", body -> {
      write(file, body::transferTo);
      return null;
    });
    say("Wrote " + Files.size(file) + " bytes to " + file);
    return 0;
  }

  @Command(mixinStandardHelpOptions = true, description = {
      "Makes a data folder of what backup or export wrote, replays it, and notes the fork: clients that were ahead of the"
          + " backup load anew and push again what they had made since.",
      "Start the server on the folder afterwards."})
  int restore(
      @Option(names = "--data", paramLabel = "DIR", required = true, description = "The new folder.") Path data,
      @Parameters(paramLabel = "FILE", description = "The file to read.") Path file) throws IOException {
    try (InputStream plain = new BufferedInputStream(Files.newInputStream(file));
        InputStream in = file.toString().endsWith(".gz") ? new GZIPInputStream(plain) : plain) {
      Fork fork = new LogTool(data).restore(in, file.toString());
      say("Restored up to T " + fork.t() + "; the fork " + fork.id() + " is noted. Start the server on " + data + ".");
    } catch (NoSuchFileException e) {
      throw new RebasisException(Keyword.of(":rebasis.error/no-file"), ErrorCategory.FIX_REQUEST,
          "There is no file " + file + ". Name what 'rebasis log backup' wrote.", Map.of(), e);
    }
    return 0;
  }

  @Command(mixinStandardHelpOptions = true, description = {
      "Notes that a log that no server has open is one that was restored from a backup by copying its files.",
      "What clients hold after the T is given up by them, and pushed again as far as it is their own."})
  int fork(
      @Option(names = "--data", paramLabel = "DIR", defaultValue = DATA, description = "The folder.") Path data,
      @Option(names = "--at", paramLabel = "T", defaultValue = "-1",
          description = "The newest T that the log and its clients have in common; by default the newest of the log.") long at) {
    Fork fork = new LogTool(data).fork(at);
    say("Noted the fork " + fork.id() + " at T " + fork.t() + ".");
    return 0;
  }

  @Command(mixinStandardHelpOptions = true, description = {
      "Carries out what was asked for with :db/excise, in a log that no server has open: the log is written anew without it,"
          + " replayed and compared, and the old one deleted. Clients load everything anew at their next contact.",
      "This cannot be undone, and backups still hold what was excised. 'rebasis log excise-online' does it on a running server."})
  int excise(
      @Option(names = "--data", paramLabel = "DIR", defaultValue = DATA, description = "The folder.") Path data,
      @Option(names = "--list", description = "Only say what was asked for.") boolean onlyList) {
    LogTool log = new LogTool(data);
    log.asked().forEach(one -> say("Asked for at T " + one.t() + (one.user() == null ? "" : " by " + one.user()) + ": "
        + one.target() + (one.attributes().isEmpty() ? "" : " " + one.attributes())
        + (one.before() == null ? "" : " before " + one.before())));
    if (onlyList) {
      return 0;
    }
    say("Excised " + log.excise() + " facts.");
    return 0;
  }

  @Command(name = "excise-online", mixinStandardHelpOptions = true, description = {
      "Has a running server do what 'excise' does: the database is away while its log is written anew, the server's other"
          + " databases are not. Clients come back by themselves. Says first what was asked for, and by whom.",
      "The token must be that of a user with the role 'operator', unless the server lets everyone in."})
  int exciseOnline(
      @Mixin OperatorRequest server,
      @Option(names = "--list", description = "Only say what was asked for.") boolean onlyList) {
    say(server.text("GET", "/excise"));
    if (!onlyList) {
      say(server.text("POST", "/excise"));
    }
    return 0;
  }

  private interface Writing {
    void to(OutputStream out) throws IOException;
  }

  /** Writes beside the file first, so that a cut leaves no half of one under its name. */
  private static void write(Path file, Writing writing) throws IOException {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try (OutputStream plain = new BufferedOutputStream(Files.newOutputStream(
            part, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE));
        OutputStream out = file.toString().endsWith(".gz") ? new GZIPOutputStream(plain) : plain) {
      writing.to(out);
    }
    Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
  }
}
