/**
 * A journal under H2, so that a loss of power costs nothing that was acknowledged.
 *
 * <p>H2 alone has no setting that does this: a chunk that reached the disk in part passes for a whole one, since pages
 * carry no checksum. Under a journal each force is wholly on the disk or not at all.
 * {@link dev.rebasis.journal.JournaledPath} is the entry point.
 */
package dev.rebasis.journal;
