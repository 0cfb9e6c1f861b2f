package dev.rebasis.client.internal.rebase;

import dev.rebasis.client.internal.db.DatabaseValue;
import java.util.List;

/**
 * What a confirmed batch did to the views. Immutable.
 *
 * @param confirmedBefore the confirmed datoms before it
 * @param confirmedAfter and after it
 * @param optimisticBefore the optimistic view before it
 * @param optimisticAfter and after it
 * @param left the transactions that are pending no more, with what became of each, by sequence number
 * @param decidedAnew how many pending transactions were decided anew
 * @param predictedRight how many were decided by the server as this client had predicted
 * @param predictedWrong how many otherwise, though nothing was confirmed in between that it had not seen
 */
public record Rebased(
    DatabaseValue confirmedBefore,
    DatabaseValue confirmedAfter,
    DatabaseValue optimisticBefore,
    DatabaseValue optimisticAfter,
    List<PendingTransaction> left,
    int decidedAnew,
    int predictedRight,
    int predictedWrong) {}
