package dev.rebasis.client.internal.index;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** Listens to what the index says of this thread's stores while a test runs. */
final class MadeAgain extends Handler implements AutoCloseable {
  // Kept, since the logging system holds its loggers weakly.
  private final Logger logger = Logger.getLogger(DatomIndex.class.getName());
  private final String store;
  private final List<String> messages = new ArrayList<>();

  /**
   * Listens.
   *
   * @param store a part of the store's name; other stores are other tests'
   */
  MadeAgain(String store) {
    this.store = store;
    logger.addHandler(this);
  }

  synchronized List<String> messages() {
    return List.copyOf(messages);
  }

  @Override
  public synchronized void publish(LogRecord entry) {
    String text = entry.getMessage() + (entry.getParameters() == null ? "" : List.of(entry.getParameters()));
    if (text.contains(store)) {
      messages.add(text);
    }
  }

  @Override
  public void flush() {
    // Nothing is kept back.
  }

  @Override
  public void close() {
    logger.removeHandler(this);
  }
}
