package dev.pg2kinesis.change;

import java.util.List;

/**
 * A committed transaction. The relay streams transactions change by change, whatever their size;
 * this whole form is for those small enough to hold, such as in tests.
 *
 * @param commit its end
 * @param changes its changes in order; the index is the ordinal
 */
public record Transaction(Commit commit, List<Change> changes) {}
