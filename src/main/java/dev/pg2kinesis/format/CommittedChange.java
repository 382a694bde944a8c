package dev.pg2kinesis.format;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Commit;

/**
 * A change with its place in history.
 *
 * @param commit the end of its transaction
 * @param ordinal its index among the transaction's changes, from 0
 * @param tableOrdinal its index among the transaction's changes of the same table, from 0; messages
 *     count as one table
 * @param change the change
 */
public record CommittedChange(Commit commit, long ordinal, long tableOrdinal, Change change) {}
