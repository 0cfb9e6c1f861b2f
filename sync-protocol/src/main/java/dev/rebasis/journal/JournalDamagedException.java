package dev.rebasis.journal;

import java.io.IOException;

/** A {@link RecordJournal} cannot give back a record that was acknowledged. The message says which, and of which file. */
public final class JournalDamagedException extends IOException {
  private static final long serialVersionUID = 1;

  /** Says what is damaged. */
  JournalDamagedException(String message) {
    super(message);
  }
}
