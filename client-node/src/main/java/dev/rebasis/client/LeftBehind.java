package dev.rebasis.client;

/** What may be left behind when a user logs out or a store is deleted. */
public enum LeftBehind {
  /** Nothing: if anything is pending, the call fails and changes nothing. The safe choice. */
  NOTHING,
  /** Whatever is pending. After a logout it waits in the store; after a deletion it is lost. */
  ANYTHING
}
