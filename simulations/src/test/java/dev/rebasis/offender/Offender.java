package dev.rebasis.offender;

import java.io.File;
import java.io.FileReader;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.Date;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Breaks the bans on clocks, random sources, threads and I/O on purpose, so that the rules are known to bite. */
public final class Offender {
  /** Reads the machine's clock. */
  public long now() {
    return System.currentTimeMillis() + new Date().getTime() + LocalDate.now().toEpochDay();
  }

  /** Takes a random id. */
  public UUID id() {
    return UUID.randomUUID();
  }

  /** Starts threads, each in another way. */
  public void run() {
    new Thread(() -> {}).start();
    Executors.newCachedThreadPool().shutdown();
    new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>()).shutdown();
    ForkJoinPool.commonPool().execute(() -> {});
    CompletableFuture.supplyAsync(() -> 1).orTimeout(1, TimeUnit.SECONDS);
    List.of(1).parallelStream().forEach(n -> {});
    Stream.of(1).parallel().forEach(n -> {});
  }

  /** Reads and writes. */
  public void read() throws IOException, SQLException {
    File file = Path.of("x").toFile();
    new FileReader(file).close();
    new Socket("127.0.0.1", 1).close();
    DriverManager.getConnection("jdbc:h2:mem:").close();
  }

  /** Does nothing that is banned: an URI is a value. */
  public URI address() {
    return URI.create("http://127.0.0.1:1/");
  }
}
