package dev.rebasis.simulations.cli;

import dev.rebasis.client.SyncClient;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A command on one store: opens it, does its work, closes it. Confined to one thread. */
abstract class StoreCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private StoreOptions options;

  /** The options that all these commands have. */
  final StoreOptions options() {
    return options;
  }

  @Override
  public final Integer call() {
    check();
    PrintWriter out = spec.commandLine().getOut();
    try (SyncClient client = open()) {
      return run(client, out);
    } finally {
      out.flush();
    }
  }

  /** Refuses what is wrong on the command line, before the store is opened. */
  void check() {
    for (String fault : options.faults()) {
      throw wrong(fault);
    }
  }

  /** An error about the command line itself. */
  final ParameterException wrong(String fault) {
    return new ParameterException(spec.commandLine(), fault);
  }

  /** Opens the store; it must exist unless a command says otherwise. */
  SyncClient open() {
    return options.open();
  }

  /** Does the work and gives the exit status. */
  abstract int run(SyncClient client, PrintWriter out);
}
