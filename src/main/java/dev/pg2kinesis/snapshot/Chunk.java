package dev.pg2kinesis.snapshot;

import dev.pg2kinesis.change.TableName;
import dev.pg2kinesis.slot.TableChunk;
import dev.pg2kinesis.snapshot.SnapshotState.Cursor;
import dev.pg2kinesis.snapshot.SnapshotState.Table;
import java.util.List;

/**
 * A chunk whose rows are on their way to the stream.
 *
 * @param table the table as it was before the chunk
 * @param keyNames the names of its key columns; empty if it has no key
 * @param rows how many rows were read
 * @param last whether the table ends with the chunk
 * @param end where the table goes on behind the chunk
 * @param pending the rows that are still to be published
 */
record Chunk(
    Table table, List<String> keyNames, int rows, boolean last, Cursor end, PendingReads pending) {

  static Chunk of(Table table, List<String> keyNames, String fingerprint, TableChunk read) {
    TableName name = table.name();
    return new Chunk(
        table,
        keyNames,
        read.rows().size(),
        read.last(),
        new Cursor(read.lastKey(), fingerprint),
        new PendingReads(name, keyNames, read.rows(), read.visible()));
  }

  /** The table once the chunk is published. */
  Table after() {
    long total = table.rows() + rows;
    return last ? table.done(total) : table.reading(total);
  }
}
