package dev.rebasis.client;

import java.util.List;

/**
 * Whether the database has the schema that a program needs. Immutable.
 *
 * @param differences what is missing or otherwise, one sentence each; empty if the need is met
 */
public record SchemaCheck(List<String> differences) {
  /** Copies the list. */
  public SchemaCheck {
    differences = List.copyOf(differences);
  }

  /** Whether there is no difference. */
  public boolean isMet() {
    return differences.isEmpty();
  }
}
