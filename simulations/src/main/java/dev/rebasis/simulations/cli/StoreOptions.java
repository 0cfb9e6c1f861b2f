package dev.rebasis.simulations.cli;

import dev.rebasis.client.ClientBuilder;
import dev.rebasis.client.Credentials;
import dev.rebasis.client.Status;
import dev.rebasis.client.SyncClient;
import dev.rebasis.data.Keyword;
import dev.rebasis.error.ErrorCategory;
import dev.rebasis.error.RebasisException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Option;

/**
 * The options of every {@code rebasis client} command, and what they stand for: a store, perhaps a server, and how long
 * to wait for it. Confined to one thread.
 */
final class StoreOptions {
  private static final Keyword NO_STORE = Keyword.of(":rebasis.error/no-store");
  private static final Keyword TIMEOUT = Keyword.of(":rebasis.error/timeout");

  @Option(names = "--store", required = true, paramLabel = "DIR", description = "The folder of the store.")
  private Path store;

  @Option(
      names = "--server",
      paramLabel = "URI",
      description = "Catch up with this database first, for example http://localhost:8484/db/main."
          + " Without it no connection is made.")
  private URI server;

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      defaultValue = "${env:REBASIS_TOKEN}",
      description = "The bearer token to show to the server. Default: the environment's REBASIS_TOKEN, which other users"
          + " of the machine cannot read off the list of processes.")
  private String token;

  @Option(
      names = "--trust",
      paramLabel = "FILE",
      description = "Certificates in PEM that the server may show or have its own signed by, beside those that Java trusts.")
  private Path trust;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      defaultValue = "20",
      description = "How long to wait for the server. Default: ${DEFAULT-VALUE}.")
  private long timeoutSeconds;

  /** Whether a server was named. */
  boolean hasServer() {
    return server != null;
  }

  /** Opens a store that exists. */
  SyncClient open() {
    if (!isStore()) {
      throw new RebasisException(NO_STORE, ErrorCategory.FIX_REQUEST,
          "There is no store in " + store + ". Name the folder of one with --store; `sync` and `transact` make a new one"
              + " with --create.");
    }
    return openFolder();
  }

  /** Opens a store, and makes it if it is not there and {@code create} says so. */
  SyncClient open(boolean create) {
    if (!create || isStore()) {
      return open();
    }
    if (Files.exists(store) && !isEmptyFolder()) {
      throw new RebasisException(NO_STORE, ErrorCategory.FIX_REQUEST,
          "There is no store in " + store + ", and other files are. Name a new or an empty folder with --store.");
    }
    return openFolder();
  }

  private boolean isStore() {
    return Files.exists(store.resolve("store.txt")) || Files.exists(store.resolve("log.mv.db"));
  }

  private boolean isEmptyFolder() {
    if (!Files.isDirectory(store)) {
      return false;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(store)) {
      return !files.iterator().hasNext();
    } catch (IOException e) {
      throw new RebasisException(NO_STORE, ErrorCategory.FIX_REQUEST,
          "The folder " + store + " cannot be read: " + e.getMessage() + ". Name another with --store.", Map.of(), e);
    }
  }

  private SyncClient openFolder() {
    Credentials credentials = token == null || token.isEmpty() ? Credentials.none() : Credentials.bearer(token);
    ClientBuilder builder = SyncClient.builder().store(store).server(server).credentials(credentials);
    return (trust == null ? builder : builder.trust(trust)).open();
  }

  /** Catches up with the server, if one was named. */
  void catchUp(SyncClient client) {
    catchUp(client, "");
  }

  /**
   * The same.
   *
   * @param otherwise as {@link #await} takes it
   */
  void catchUp(SyncClient client, String otherwise) {
    if (hasServer()) {
      await(client, client.sync(), otherwise);
    }
  }

  /**
   * Waits for something that the server must do.
   *
   * @param otherwise what the error says of the state of things, a sentence with a blank before it; may be empty
   * @throws RebasisException if it failed, or did not come in time
   */
  <T> T await(SyncClient client, CompletableFuture<T> future, String otherwise) {
    try {
      return future.get(timeoutSeconds, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      Status status = client.status();
      String why = status.lastError() == null
          ? "The connection to " + server + " is in state " + status.state() + "."
          : status.lastError().getMessage();
      throw new RebasisException(TIMEOUT, ErrorCategory.RETRY_LATER,
          "No answer within " + timeoutSeconds + " s, which --timeout can change. " + why + otherwise, Map.of(), e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RebasisException(TIMEOUT, ErrorCategory.RETRY_LATER,
          "Interrupted while waiting for the server." + otherwise);
    }
  }

  /** What is wrong with the options themselves; empty if nothing. */
  List<String> faults() {
    return timeoutSeconds > 0 ? List.of() : List.of("--timeout is a positive number of seconds.");
  }
}
