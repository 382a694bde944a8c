package dev.pg2kinesis.decode;

import dev.pg2kinesis.change.Change;
import dev.pg2kinesis.change.Commit;
import java.util.List;

/**
 * A committed transaction as a whole, to compare. The product streams transactions change by
 * change.
 *
 * @param commit its end
 * @param changes its changes in order; the index is the ordinal
 */
record Transaction(Commit commit, List<Change> changes) {}
