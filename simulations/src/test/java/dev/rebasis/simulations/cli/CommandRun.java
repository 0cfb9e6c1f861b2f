package dev.rebasis.simulations.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * One run of the command line within this process.
 *
 * @param status the exit status
 * @param out standard output
 * @param err standard error
 */
public record CommandRun(int status, String out, String err) {
  /** Runs a command. */
  public static CommandRun of(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int status = Rebasis.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true)).execute(args);
    return new CommandRun(status, out.toString(), err.toString());
  }

  /** It did what it was asked to, and complained of nothing; gives its output. */
  public String done() {
    assertThat(err).isEmpty();
    assertThat(status).as(out).isZero();
    return out;
  }

  /** It failed with one line for a person, which holds these parts. */
  public CommandRun refused(String... parts) {
    assertThat(status).as(out + err).isEqualTo(1);
    assertThat(err.strip()).startsWith("rebasis: ").doesNotContain("\n").doesNotContain("\tat ").contains(parts);
    return this;
  }

  /** The command line was wrong: the fault, then the usage. */
  public CommandRun misused(String... parts) {
    assertThat(status).as(out + err).isEqualTo(2);
    assertThat(err).contains(parts).contains("Usage:");
    return this;
  }
}
